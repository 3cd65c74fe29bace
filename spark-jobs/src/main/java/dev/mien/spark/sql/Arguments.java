package dev.mien.spark.sql;

import dev.mien.model.marlin.MarlinArchitecture;
import dev.mien.model.objective.MaskStrategy;
import dev.mien.model.objective.Masks;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * The arguments of a function. All but clips and captions must be constants, so that a wrong one is
 * reported before anything is read.
 */
record Arguments(String function, List<Expression> values) {

  int count() {
    return values.size();
  }

  Expression get(int position) {
    return values.get(position);
  }

  int integer(int position, String name, int fallback, int least, int most) {
    return (int) whole(position, name, fallback, least, most);
  }

  long seed(int position) {
    return whole(position, "seed", 0, Long.MIN_VALUE, Long.MAX_VALUE);
  }

  private long whole(int position, String name, int fallback, long least, long most) {
    BigDecimal value = number(position, name, fallback);
    boolean inRange =
        value.compareTo(BigDecimal.valueOf(least)) >= 0
            && value.compareTo(BigDecimal.valueOf(most)) <= 0;
    if (!inRange || value.remainder(BigDecimal.ONE).signum() != 0) {
      throw invalid(name, value, "must be a whole number from " + least + " to " + most);
    }
    return value.longValue();
  }

  /** A mask ratio that leaves some of a network's tokens visible. */
  double ratio(int position, double fallback, MarlinArchitecture network) {
    BigDecimal ratio = number(position, "ratio", fallback);
    double value = ratio.doubleValue();
    if (!(value >= 0 && value < 1)) {
      throw invalid("ratio", ratio, "must be in [0,1)");
    }
    Masks.visibleCount(MaskStrategy.RANDOM, network, value);
    return value;
  }

  String text(int position, String name) {
    Object value = constant(position, name);
    if (!(value instanceof UTF8String)) {
      throw invalid(name, value, "must be a string");
    }
    return value.toString();
  }

  /** The strings of an array, without nulls. */
  List<String> texts(int position, String name) {
    Object value = constant(position, name);
    // An empty array has no element type.
    boolean ofTexts =
        get(position).dataType() instanceof ArrayType type
            && (type.elementType().sameType(DataTypes.StringType)
                || type.elementType().sameType(DataTypes.NullType));
    if (!ofTexts || !(value instanceof ArrayData array)) {
      throw invalid(name, value, "must be an array of strings");
    }
    return IntStream.range(0, array.numElements())
        .filter(i -> !array.isNullAt(i))
        .mapToObj(i -> array.getUTF8String(i).toString())
        .toList();
  }

  /** The number as it was written: a double would not hold every seed. */
  private BigDecimal number(int position, String name, Number fallback) {
    Object value = position < count() ? constant(position, name) : fallback;
    if (value instanceof Number || value instanceof Decimal) {
      try {
        return new BigDecimal(value.toString());
      } catch (NumberFormatException e) {
        throw invalid(name, value, "must be a finite number");
      }
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
