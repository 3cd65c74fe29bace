package dev.mien.spark.run;

import dev.mien.spark.storage.WholeFile;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;

/**
 * The weights that a run began with: {@code first-weights.txt}, for a run that is resumed before
 * its first checkpoint records them. Empty when they were drawn from the seed.
 */
public final class FirstWeights {

  private static final String NAME = "first-weights.txt";

  private FirstWeights() {}

  /** Records them for a run that begins, replacing what another run recorded in the folder. */
  public static void write(Configuration hadoop, String run, String origin) throws IOException {
    WholeFile.of(hadoop, run, NAME).write(origin);
  }

  /**
   * Records them for a run that is started again from its beginning, unless they are recorded.
   *
   * @throws IllegalArgumentException when the run began with other weights, naming both
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
