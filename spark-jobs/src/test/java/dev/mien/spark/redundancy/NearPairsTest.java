package dev.mien.spark.redundancy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mien.spark.LocalSpark;
import dev.mien.spark.config.MienConfiguration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** The join against a look at every pair. */
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
  public Object[][] plans() {
    return new Object[][] {
      {1, 9, 0}, {1, 9, 1}, {1, 9, 2}, {4, 1, 0}, {4, 20, 0}, {4, 26, 1}, {4, 40, 2}, {4, 27, 2},
    };
  }

  @Test(dataProvider = "plans")
  public void everyPairIsFoundOnce(int width, int threshold, int radius) {
    Fingerprints fingerprints = random(300, width, threshold);
    int fewest = (fingerprints.bits() + 47) / 48;
    BlockPlan plan =
        new BlockPlan(fingerprints.bits(), Math.max(fewest, threshold / (radius + 1) + 1), radius);

    List<Row> found = NearPairs.find(spark, fingerprints, threshold, plan).collectAsList();

    List<Row> all = byLookingAtAll(fingerprints, threshold);
    assertThat(all).as("pairs at all, seed %d", SEED).hasSizeGreaterThan(100);
    assertThat(all)
        .as("pairs just at the threshold, seed %d", SEED)
        .anyMatch(pair -> pair.getInt(2) == threshold);
    assertThat(found).as("seed %d", SEED).isEqualTo(all);
  }

  @Test
  public void partitionsChangeNothing() {
    Fingerprints fingerprints = random(300, 4, 26);
    BlockPlan plan = BlockPlan.of(256, 26, 1 << 20);
    List<Row> before = NearPairs.find(spark, fingerprints, 26, plan).collectAsList();
    assertThat(before).as("pairs at all, seed %d", SEED).hasSizeGreaterThan(100);

    spark.conf().set("spark.sql.shuffle.partitions", "7");
    spark.conf().set("spark.sql.autoBroadcastJoinThreshold", "-1");
    spark.conf().set("spark.sql.adaptive.enabled", "true");
    try {
      assertThat(NearPairs.find(spark, fingerprints, 26, plan).collectAsList())
          .as("seed %d", SEED)
          .isEqualTo(before);
    } finally {
      spark.conf().set("spark.sql.shuffle.partitions", "1");
      spark.conf().unset("spark.sql.autoBroadcastJoinThreshold");
      spark.conf().unset("spark.sql.adaptive.enabled");
    }
  }

  @Test
  public void theDriverDoesNotCollectTheKeysHoweverSmallSparkTakesThemFor() {
    Dataset<Row> pairs =
        NearPairs.find(spark, random(300, 4, 26), 26, BlockPlan.of(256, 26, 300_000));
    assertThat(pairs.queryExecution().executedPlan().toString())
        .contains("SortMergeJoin")
        .doesNotContain("BroadcastHashJoin");
  }

  @Test
  public void moreClipsMakeWiderBlocks() {
    assertThat(BlockPlan.of(256, 26, 30)).isEqualTo(new BlockPlan(256, 27, 0));
    assertThat(BlockPlan.of(256, 26, 100_000)).isEqualTo(new BlockPlan(256, 14, 1));
    assertThat(BlockPlan.of(256, 26, 3_000_000)).isEqualTo(new BlockPlan(256, 9, 2));
    assertThat(BlockPlan.of(64, 0, 30)).isEqualTo(new BlockPlan(64, 2, 0));
  }

  @Test
  public void fingerprintsOfOtherLengthsAreNotCompared() {
    assertThatThrownBy(() -> Fingerprints.of(List.of(new long[1], new long[4])))
        .hasMessage(
            "Fingerprints of 1 and of 4 words cannot be compared (preprocess the videos again)");
  }

  private static List<Row> byLookingAtAll(Fingerprints fingerprints, int threshold) {
    List<Row> pairs = new ArrayList<>();
    for (int a = 0; a < fingerprints.size(); a++) {
      for (int b = a + 1; b < fingerprints.size(); b++) {
        int distance = 0;
        for (int bit = 0; bit < fingerprints.bits(); bit++) {
          distance += fingerprints.bits(a, bit, 1) == fingerprints.bits(b, bit, 1) ? 0 : 1;
        }
        if (distance <= threshold) {
          pairs.add(RowFactory.create(a, b, distance));
        }
      }
    }
    return pairs;
  }

  /** Twenty centres, and around each of them fingerprints about the threshold away. */
  private static Fingerprints random(int count, int width, int threshold) {
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
    return Fingerprints.of(fingerprints);
  }
}
