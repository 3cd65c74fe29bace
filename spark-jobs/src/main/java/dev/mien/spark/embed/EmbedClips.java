package dev.mien.spark.embed;

import dev.mien.preprocessing.clip.FrameFormat;
import dev.mien.spark.config.EmbeddingOptions;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Rows with a stored clip in, each with its embedded windows out. */
final class EmbedClips implements MapPartitionsFunction<Row, Row> {

  static final StructType CLIP =
      new StructType()
          .add("images", DataTypes.createArrayType(DataTypes.BinaryType))
          .add("format", DataTypes.StringType)
          .add("height", DataTypes.IntegerType)
          .add("width", DataTypes.IntegerType);

  private static final StructType WINDOW =
      new StructType()
          .add("first_frame", DataTypes.IntegerType, false)
          .add("embedding", DataTypes.createArrayType(DataTypes.FloatType, false), false);

  static final ArrayType WINDOWS = DataTypes.createArrayType(WINDOW, false);

  private static final long serialVersionUID = 1L;

  /** The windows of a clip that is none: outer joins give nulls, or structs of nulls. */
  private static final Object[] NONE = {};

  private final ResidentEncoder resident;
  private final int column;
  private final EmbeddingOptions options;

  EmbedClips(ResidentEncoder resident, int column, EmbeddingOptions options) {
    this.resident = resident;
    this.column = column;
    this.options = options;
  }

  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    var encoder = resident.borrow();
    return AddedColumn.of(
        rows, row -> embed(encoder.thing(), row.getStruct(column)), encoder::close);
  }

  private Object embed(ClipEncoder encoder, Row clip) {
    if (clip == null || clip.isNullAt(clip.fieldIndex("images"))) {
      return NONE;
    }
    List<byte[]> images = clip.getList(clip.fieldIndex("images"));
    return encoder
        .embed(
            FrameFormat.of(clip.<String>getAs("format")),
            clip.<Integer>getAs("height"),
            clip.<Integer>getAs("width"),
            images,
            options)
        .stream()
        .map(window -> RowFactory.create(window.firstFrame(), window.embedding()))
        .toArray();
  }
}
