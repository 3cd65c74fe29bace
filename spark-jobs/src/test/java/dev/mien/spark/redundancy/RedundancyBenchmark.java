package dev.mien.spark.redundancy;

import dev.mien.spark.LocalSpark;
import dev.mien.spark.config.MienConfiguration;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.apache.spark.sql.SparkSession;
import org.testng.annotations.Test;

/**
 * Prints how long two cores take to group a million clips by their fingerprints: {@code mvn
 * -Pchecks verify -Dit.test=RedundancyBenchmark}, or {@code -Dclips=} of them. Fingerprints are
 * drawn: each clip is at most 40 bits from its video's, and videos' bits are as uneven as those of
 * faces that all look alike.
 */
public class RedundancyBenchmark {

  private static final int CLIPS = Integer.getInteger("clips", 1_000_000);
  private static final int CLIPS_OF_VIDEO = 20;
  private static final int WIDTH = 4;
  private static final int FARTHEST = 40;
  private static final long SEED = 7;

  @Test
  public void measure() throws IOException {
    try (SparkSession spark =
        LocalSpark.open(MienConfiguration.load(Optional.of("tiny"), Optional.empty(), List.of()))) {
      List<RankedClip> clips = clips();
      long start = System.nanoTime();
      Grouping grouping =
          Grouping.of(spark, clips, List.of(Integer.parseInt(Thresholds.DEFAULT))).get(0);
      double seconds = (System.nanoTime() - start) / 1e9;
      System.out.printf(
          "%,d clips: %.1f s, %.2f ns a pair, %,d near a better one%n",
          CLIPS, seconds, 1e9 * seconds / (0.5 * CLIPS * CLIPS), grouping.redundant());
    }
  }

  private static List<RankedClip> clips() {
    SplittableRandom random = new SplittableRandom(SEED);
    List<RankedClip> clips = new ArrayList<>(CLIPS);
    long[] video = new long[WIDTH];
    for (int i = 0; i < CLIPS; i++) {
      if (i % CLIPS_OF_VIDEO == 0) {
        for (int word = 0; word < WIDTH; word++) {
          long bits = random.nextLong();
          video[word] = bits | random.nextLong();
        }
      }
      long[] clip = video.clone();
      for (int flips = random.nextInt(FARTHEST + 1); flips > 0; flips--) {
        int bit = random.nextInt(WIDTH * Long.SIZE);
        clip[bit / Long.SIZE] ^= 1L << bit;
      }
      clips.add(new RankedClip("clip-" + i, "video-" + i / CLIPS_OF_VIDEO, null, 1, clip));
    }
    return clips;
  }
}
