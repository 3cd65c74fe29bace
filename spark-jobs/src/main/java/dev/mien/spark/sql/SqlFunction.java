package dev.mien.spark.sql;

import java.util.List;
import java.util.function.Function;
import org.apache.spark.sql.catalyst.FunctionIdentifier;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.ExpressionInfo;
import scala.Function1;
import scala.Option;
import scala.Tuple3;
import scala.collection.JavaConverters;
import scala.collection.Seq;

/**
 * An SQL function and its name.
 *
 * @param signature how it is called, as documentation shows it
 * @param usage what {@code DESCRIBE FUNCTION} says
 * @param least number of arguments
 * @param most number of arguments
 * @param plan turns a call's arguments into what Spark runs
 * @param <P> an expression, or a plan for a table function
 */
record SqlFunction<P>(
    String name, String signature, String usage, int least, int most, Function<Arguments, P> plan) {

  /**
   * The function as Spark's registries take it.
   *
   * @param <S> Scala's own {@code Seq}: any sequence in Scala 2.12, an immutable one in 2.13
   */
  @SuppressWarnings("unchecked")
  <S> Tuple3<FunctionIdentifier, ExpressionInfo, Function1<S, P>> definition() {
    return new Tuple3<>(
        new FunctionIdentifier(name, Option.empty()),
        info(),
        arguments -> plan((Seq<Expression>) arguments));
  }

  private ExpressionInfo info() {
    return new ExpressionInfo(
        SqlFunction.class.getName(),
        null,
        name,
        name + signature + " - " + usage,
        "",
        "",
        "",
        "",
        "",
        "",
        "java_udf");
  }

  private P plan(Seq<Expression> values) {
    List<Expression> arguments =
        List.copyOf(JavaConverters.seqAsJavaListConverter(values).asJava());
    if (arguments.size() < least || arguments.size() > most) {
      throw new IllegalArgumentException(
          "Invalid call of %s with %d arguments (must be %s%s)"
              .formatted(name, arguments.size(), name, signature));
    }
    return plan.apply(new Arguments(name, arguments));
  }
}
