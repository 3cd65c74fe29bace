package dev.mien.spark.config;

import java.util.List;

/** Every problem of a configuration, found before anything has started. */
public final class InvalidConfigurationException extends IllegalArgumentException {

  private final transient List<String> problems;

  InvalidConfigurationException(List<String> problems) {
    super("Invalid configuration:\n  " + String.join("\n  ", problems));
    this.problems = List.copyOf(problems);
  }

  /** One line a problem, each naming the key and its value. */
  public List<String> problems() {
    return problems;
  }
}
