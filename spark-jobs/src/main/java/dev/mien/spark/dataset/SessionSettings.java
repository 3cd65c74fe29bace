package dev.mien.spark.dataset;

import java.util.HashMap;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import scala.Option;

/** Changes settings of a session for a while. */
public final class SessionSettings {

  private SessionSettings() {}

  /** Runs work with the settings, and restores the former ones. */
  public static void with(SparkSession spark, Map<String, String> settings, Runnable work) {
    Map<String, Option<String>> before = new HashMap<>();
    settings.keySet().forEach(key -> before.put(key, spark.conf().getOption(key)));
    settings.forEach((key, value) -> spark.conf().set(key, value));
    try {
      work.run();
    } finally {
      before.forEach(
          (key, value) -> {
            if (value.isDefined()) {
              spark.conf().set(key, value.get());
            } else {
              spark.conf().unset(key);
            }
          });
    }
  }
}
