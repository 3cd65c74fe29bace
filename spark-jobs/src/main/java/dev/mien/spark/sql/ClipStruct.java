package dev.mien.spark.sql;

import dev.mien.preprocessing.picture.FrameFormat;
import dev.mien.spark.dataset.Tables;
import dev.mien.spark.dataset.clip.StoredClip;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.CreateNamedStruct;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GetStructField;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.StructType;
import scala.Option;

/**
 * The clip that functions are given: a struct with the columns of the clips table, of which only
 * those that a function needs are read from the shards.
 */
final class ClipStruct {

  /** All columns that pictures are drawn from, in the struct's order. */
  private static final List<String> COLUMNS =
      List.of("clip_id", "height", "width", "format", "images", "regions", "timestamps");

  /** The columns that every function needs. */
  private static final List<String> FRAMES =
      List.of("clip_id", "height", "width", "format", "images");

  private ClipStruct() {}

  /**
   * The struct with the frames and the named columns, and null for the others. Null for a null
   * clip, as outer joins give it.
   */
  static Expression of(String function, Expression clip, String... others) {
    List<String> needed = new ArrayList<>(FRAMES);
    needed.addAll(List.of(others));
    List<Expression> fields = new ArrayList<>();
    for (String column : COLUMNS) {
      fields.add(Expressions.text(column));
      fields.add(
          needed.contains(column)
              ? field(function, clip, column)
              : new Literal(null, Tables.CLIPS.apply(column).dataType()));
    }
    return Expressions.unlessNull(
        field(function, clip, "images"), new CreateNamedStruct(Expressions.sequence(fields)));
  }

  /** A column of the struct. */
  static Expression field(String function, Expression clip, String column) {
    if (!(clip.dataType() instanceof StructType struct)
        || !List.of(struct.fieldNames()).contains(column)
        || !struct.apply(column).dataType().sameType(Tables.CLIPS.apply(column).dataType())) {
      throw new IllegalArgumentException(
          "Invalid clip of %s: %s (must be a struct with the %s of the clips table: struct(*))"
              .formatted(function, clip.dataType().simpleString(), column));
    }
    return new GetStructField(clip, struct.fieldIndex(column), Option.apply(column));
  }

  static StoredClip read(InternalRow clip) {
    ArrayData images = clip.getArray(4);
    return new StoredClip(
        clip.getUTF8String(0).toString(),
        clip.getInt(1),
        clip.getInt(2),
        FrameFormat.of(clip.getUTF8String(3).toString()),
        IntStream.range(0, images.numElements()).mapToObj(images::getBinary).toList(),
        clip.getBinary(5));
  }

  /** Microseconds, one per frame. */
  static List<Long> timestamps(InternalRow clip) {
    return LongStream.of(clip.getArray(6).toLongArray()).boxed().toList();
  }
}
