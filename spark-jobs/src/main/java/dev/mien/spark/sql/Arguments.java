package dev.mien.spark.sql;

import dev.mien.model.marlin.MarlinArchitecture;
import dev.mien.model.objective.Masks;
import java.util.Locale;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * What a function was called with. All but clips and captions must be constants, so that a wrong
 * one is an error before anything is read.
 */
record Arguments(String function, java.util.List<Expression> values) {

  int count() {
    return values.size();
  }

  Expression get(int position) {
    return values.get(position);
  }

  int integer(int position, String name, int fallback, int least, int most) {
    double value = number(position, name, fallback);
    if (value != Math.rint(value) || value < least || value > most) {
      throw invalid(name, value, "must be a whole number from " + least + " to " + most);
    }
    return (int) value;
  }

  long seed(int position) {
    double value = number(position, "seed", 0);
    if (value != Math.rint(value)) {
      throw invalid("seed", value, "must be a whole number");
    }
    return (long) value;
  }

  /** A share of a network's tokens that leaves some. */
  double ratio(int position, double fallback, MarlinArchitecture network) {
    double value = number(position, "ratio", fallback);
    if (!(value >= 0 && value < 1)) {
      throw invalid("ratio", value, "must be in [0,1)");
    }
    Masks.visibleCount(network, value);
    return value;
  }

  String text(int position, String name) {
    Object value = constant(position, name);
    if (!(value instanceof UTF8String)) {
      throw invalid(name, value, "must be a string");
    }
    return value.toString();
  }

  private double number(int position, String name, double fallback) {
    if (position >= count()) {
      return fallback;
    }
    Object value = constant(position, name);
    if (value instanceof Decimal decimal) {
      return decimal.toDouble();
    }
    if (value instanceof Number number) {
      return number.doubleValue();
    }
    throw invalid(name, value, "must be a number");
  }

  private Object constant(int position, String name) {
    Expression argument = get(position);
    if (!argument.foldable()) {
      throw invalid(name, argument.sql(), "must be a constant");
    }
    return argument.eval(null);
  }

  IllegalArgumentException invalid(String name, Object value, String expected) {
    return new IllegalArgumentException(
        String.format(Locale.ROOT, "Invalid %s of %s: %s (%s)", name, function, value, expected));
  }
}
