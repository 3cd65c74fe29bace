package dev.mien.spark.embed;

import dev.mien.spark.config.EmbeddingOptions;
import java.util.Iterator;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Embeds rows that hold a stored clip: adds the windows of each. */
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
    return new EmbeddedRows(rows, column, encoder.thing(), options, encoder::close);
  }
}
