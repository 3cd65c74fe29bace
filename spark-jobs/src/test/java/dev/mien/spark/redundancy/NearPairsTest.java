package dev.mien.spark.redundancy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mien.spark.LocalSpark;
import dev.mien.spark.config.MienConfiguration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.apache.spark.sql.SparkSession;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Against a look at every pair, bit by bit. */
public class NearPairsTest {

  private static final long SEED = 20260;

  private SparkSession spark;

  @BeforeClass
  public void start() {
    spark =
        LocalSpark.open(MienConfiguration.load(Optional.of("tiny"), Optional.empty(), List.of()));
  }

  @AfterClass(alwaysRun = true)
  public void stop() {
    spark.stop();
  }

  @DataProvider
  public Object[][] fingerprints() {
    return new Object[][] {
      {300, 1, 0},
      {300, 1, 9},
      {300, 2, 9},
      {300, 3, 20},
      {300, 4, 0},
      {300, 4, 26},
      {300, 5, 26},
      {300, 4, 64},
      {2, 4, 26},
      {Fingerprints.BLOCK, 4, 26},
      {2 * Fingerprints.BLOCK + 1, 4, 26},
    };
  }

  @Test(dataProvider = "fingerprints")
  public void everyPairIsFoundOnceAndInOrder(int count, int width, int threshold) {
    List<long[]> fingerprints = random(count, width, threshold);

    List<List<Integer>> found = new ArrayList<>();
    NearPairs.forEach(
        spark,
        Fingerprints.of(fingerprints),
        threshold,
        (better, worse, bits) -> found.add(List.of(better, worse, bits)));

    List<List<Integer>> all = byLookingAtAll(fingerprints, threshold);
    if (count > 2) {
      assertThat(all).as("pairs at all, seed %d", SEED).hasSizeGreaterThan(100);
      assertThat(all)
          .as("pairs just at the threshold, seed %d", SEED)
          .anyMatch(pair -> pair.get(2) == threshold);
    }
    assertThat(found).as("seed %d", SEED).isEqualTo(all);
  }

  @Test
  public void fingerprintsOfOtherLengthsAreNotCompared() {
    assertThatThrownBy(() -> Fingerprints.of(List.of(new long[1], new long[4])))
        .hasMessage(
            "Fingerprints of 1 and of 4 words cannot be compared (preprocess the videos again)");
  }

  private static List<List<Integer>> byLookingAtAll(List<long[]> fingerprints, int threshold) {
    List<List<Integer>> pairs = new ArrayList<>();
    for (int a = 0; a < fingerprints.size(); a++) {
      for (int b = a + 1; b < fingerprints.size(); b++) {
        BitSet different = BitSet.valueOf(fingerprints.get(a));
        different.xor(BitSet.valueOf(fingerprints.get(b)));
        if (different.cardinality() <= threshold) {
          pairs.add(List.of(a, b, different.cardinality()));
        }
      }
    }
    return pairs;
  }

  /** Twenty centres, and around each of them fingerprints about the threshold away. */
  private static List<long[]> random(int count, int width, int threshold) {
    SplittableRandom random = new SplittableRandom(SEED);
    List<long[]> fingerprints = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      long[] words =
          i < 20 ? random.longs(width).toArray() : fingerprints.get(random.nextInt(20)).clone();
      for (int flip = random.nextInt(threshold + 2); i >= 20 && flip > 0; flip--) {
        int bit = random.nextInt(Long.SIZE * width);
        words[bit / Long.SIZE] ^= 1L << bit;
      }
      fingerprints.add(words);
    }
    return fingerprints;
  }
}
