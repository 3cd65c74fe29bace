package dev.mien.spark.sql;

import java.util.List;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.If;
import org.apache.spark.sql.catalyst.expressions.IsNull;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.objects.Invoke;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.ObjectType;
import org.apache.spark.unsafe.types.UTF8String;
import scala.collection.JavaConverters;
import scala.collection.immutable.Seq;

/** Builds parts of a query's plan. */
final class Expressions {

  private Expressions() {}

  /** Calls a function that draws; null where an argument is null. */
  static <F> Expression draw(Class<F> type, F function, Expression... arguments) {
    return new Invoke(
        new Literal(function, new ObjectType(type)),
        "draw",
        DataTypes.BinaryType,
        sequence(List.of(arguments)),
        sequence(List.of()),
        true,
        true,
        true);
  }

  /** The value, or null where the other expression is null. */
  static Expression unlessNull(Expression other, Expression value) {
    return new If(new IsNull(other), new Literal(null, value.dataType()), value);
  }

  static Literal text(String value) {
    return new Literal(UTF8String.fromString(value), DataTypes.StringType);
  }

  static Literal number(int value) {
    return new Literal(value, DataTypes.IntegerType);
  }

  static <T> Seq<T> sequence(List<T> list) {
    return JavaConverters.asScalaBufferConverter(list).asScala().toList();
  }
}
