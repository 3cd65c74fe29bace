package dev.mien.spark.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Reads one object of the configuration value by value. An invalid value is added to the problems
 * and replaced by a valid one, so that reading goes on and finds all other problems.
 */
final class Section {

  private final Config config;
  private final String path;
  private final List<String> problems;

  private Section(Config config, String path, List<String> problems) {
    this.config = config;
    this.path = path;
    this.problems = problems;
  }

  /** A section at the root. */
  static Section of(Config root, String key, List<String> problems) {
    return part(root, key, key, problems);
  }

  Section section(String key) {
    return part(config, key, path + "." + key, problems);
  }

  private static Section part(Config config, String key, String path, List<String> problems) {
    try {
      return new Section(config.getConfig(key), path, problems);
    } catch (ConfigException e) {
      Object found = config.hasPath(key) ? config.getValue(key).unwrapped() : null;
      problems.add("Invalid %s: %s (must be a section, %s { … })".formatted(path, found, key));
      // Keys that are missing from it are not reported as well.
      return new Section(ConfigFactory.empty(), path, new ArrayList<>());
    }
  }

  int integer(String key, int minimum, int maximum) {
    int value = value(key, whole(config::getInt), "a whole number", minimum);
    return bounded(key, value, minimum, maximum, "in [%d, %d]".formatted(minimum, maximum));
  }

  long longInteger(String key) {
    return value(key, whole(config::getLong), "a whole number", 0L);
  }

  String text(String key) {
    return value(key, config::getString, "text", "");
  }

  double number(String key, double minimum, double maximum) {
    double value = value(key, config::getDouble, "a number", minimum);
    return bounded(key, value, minimum, maximum, "in [" + minimum + ", " + maximum + "]");
  }

  long bytes(String key, long minimum) {
    long value = value(key, withUnit(config::getBytes), "a size, as in 64MiB", minimum);
    String least = minimum < 1 << 20 ? (minimum >> 10) + " KiB" : (minimum >> 20) + " MiB";
    return bounded(key, value, minimum, Long.MAX_VALUE, "at least " + least);
  }

  Duration duration(String key, Duration minimum, Duration maximum) {
    Duration value =
        value(key, withUnit(config::getDuration), "a time, as in 30s, 10m or 2h", minimum);
    return bounded(
        key, value, minimum, maximum, "in [%s, %s]".formatted(text(minimum), text(maximum)));
  }

  /** Refuses fractions, which the library would cut off. */
  private <N extends Number> Function<String, N> whole(Function<String, N> read) {
    return key -> {
      N value = read.apply(key);
      if (value.doubleValue() != config.getDouble(key)) {
        throw new ConfigException.BadValue(key, "has a fraction");
      }
      return value;
    };
  }

  /**
   * Refuses values without a unit, which the library would take for bytes or milliseconds; only
   * zero needs none.
   */
  private <T> Function<String, T> withUnit(Function<String, T> read) {
    return key -> {
      String text = config.getString(key);
      if (text.matches("[0-9]+([.][0-9]*)?") && Double.parseDouble(text) != 0) {
        throw new ConfigException.BadValue(key, "has no unit");
      }
      return read.apply(key);
    };
  }

  private Object written(String key) {
    return config.getValue(key).unwrapped();
  }

  /** A duration as configurations write it: {@code 1h30m}. */
  private static String text(Duration time) {
    return time.toString().substring("PT".length()).toLowerCase(Locale.ROOT);
  }

  /** Reads one of an enum's constants, written as {@code lower-case-with-dashes}. */
  <E extends Enum<E>> E choice(String key, Class<E> type) {
    E[] constants = type.getEnumConstants();
    String text = value(key, config::getString, "text", written(constants[0]));

    for (E constant : constants) {
      if (written(constant).equals(text)) {
        return constant;
      }
    }

    List<String> names = Arrays.stream(constants).map(Section::written).toList();
    problem(key, text, "must be one of " + String.join(", ", names));
    return constants[0];
  }

  /**
   * Makes the section's record. If its constructor refuses the values, that is another problem, and
   * null is returned, so that no other record depends on it.
   */
  <T> T build(Supplier<T> constructor) {
    return build(constructor, null);
  }

  /**
   * Makes a record that is part of another one.
   *
   * @param instead returned when the constructor refuses the values
   */
  <T> T build(Supplier<T> constructor, T instead) {
    int before = problems.size();
    try {
      return constructor.get();
    } catch (IllegalArgumentException e) {
      // A record made from replaced values would only repeat a problem that is noted already.
      if (problems.size() == before) {
        problems.add("In " + path + ": " + e.getMessage());
      }
      return instead;
    }
  }

  private <N extends Comparable<N>> N bounded(
      String key, N value, N minimum, N maximum, String expected) {
    if (value.compareTo(minimum) < 0 || value.compareTo(maximum) > 0) {
      problem(key, written(key), "must be " + expected);
      return minimum;
    }
    return value;
  }

  private <T> T value(String key, Function<String, T> read, String type, T instead) {
    try {
      return read.apply(key);
    } catch (ConfigException.Missing e) {
      problems.add("Missing " + path + "." + key);
    } catch (ConfigException e) {
      problem(key, written(key), "must be " + type);
    }
    return instead;
  }

  private void problem(String key, Object value, String expected) {
    problems.add("Invalid " + path + "." + key + ": " + value + " (" + expected + ")");
  }

  /** A constant as settings write it. */
  static String written(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
