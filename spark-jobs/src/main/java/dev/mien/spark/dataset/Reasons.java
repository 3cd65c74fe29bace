package dev.mien.spark.dataset;

import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.substring_index;
import static org.apache.spark.sql.functions.when;

import org.apache.spark.sql.Column;

/**
 * Why videos were not processed, as their rows say it: a stable phrase and, where there are
 * details, {@code ": "} and the details.
 */
public final class Reasons {

  /** Phrase for a copy, followed by the URI of the video that is kept. */
  public static final String SAME_CONTENT = "same content as ";

  private static final String ANOTHER = SAME_CONTENT + "another";
  private static final String DETAIL = ": ";

  private Reasons() {}

  /** A reason without its details. */
  public static String general(String reason) {
    return reason.startsWith(SAME_CONTENT) ? ANOTHER : reason.split(DETAIL, 2)[0];
  }

  /** A column of reasons without their details. */
  public static Column general(Column reason) {
    return when(reason.startsWith(SAME_CONTENT), lit(ANOTHER))
        .otherwise(substring_index(reason, DETAIL, 1));
  }
}
