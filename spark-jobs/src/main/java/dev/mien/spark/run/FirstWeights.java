package dev.mien.spark.run;

import dev.mien.spark.storage.WholeFile;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;

/**
 * What weights a run began with: {@code first-weights.txt}, for a run that is resumed before its
 * first checkpoint says so. Empty when they were drawn from the seed.
 */
public final class FirstWeights {

  private static final String NAME = "first-weights.txt";

  private FirstWeights() {}

  /** Says it of a run that begins, whatever was said of another in its folder. */
  public static void write(Configuration hadoop, String run, String origin) throws IOException {
    WholeFile.of(hadoop, run, NAME).write(origin);
  }

  /**
   * Says it of a run that goes on from its start, unless it has been said.
   *
   * @throws IllegalArgumentException when the run began with others, naming both
   */
  public static void keep(Configuration hadoop, String run, String origin) throws IOException {
    WholeFile file = WholeFile.of(hadoop, run, NAME);
    if (!file.exists()) {
      file.write(origin);
      return;
    }
    String first = file.text();
    if (!first.equals(origin)) {
      throw new IllegalArgumentException(
          ("Cannot resume %s, which has no checkpoint yet, with %s: it began with %s (give the same"
                  + " --init, or begin another --run)")
              .formatted(run, named(origin), named(first)));
    }
  }

  private static String named(String origin) {
    return origin.isEmpty() ? "weights drawn from the seed" : origin;
  }
}
