package dev.mien.spark.config;

import java.util.List;

/** Every problem of a configuration, found before anything has started. */
public final class InvalidConfigurationException extends IllegalArgumentException {

  /**
   * @param problems one line a problem, each naming the key and its value
   */
  InvalidConfigurationException(List<String> problems) {
    super("Invalid configuration:\n  " + String.join("\n  ", problems));
  }
}
