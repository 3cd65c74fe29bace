package dev.mien.spark.config;

import java.util.List;

/** All problems of a configuration, found before anything has started. */
public final class InvalidConfigurationException extends IllegalArgumentException {

  /**
   * @param problems one line each, naming the key and its value
   */
  InvalidConfigurationException(List<String> problems) {
    super("Invalid configuration:\n  " + String.join("\n  ", problems));
  }
}
