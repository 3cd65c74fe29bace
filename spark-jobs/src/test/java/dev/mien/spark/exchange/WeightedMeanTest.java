package dev.mien.spark.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mien.spark.exchange.Contribution.Chunk;
import java.util.List;
import java.util.Random;
import org.testng.annotations.Test;

public class WeightedMeanTest {

  private static final long SEED = 17;

  @Test
  public void replicasWeighByTheirExamples() {
    Chunk mean =
        WeightedMean.of(
            List.<Contribution>of(
                    new Chunk(new float[] {1, 10}, 30), new Chunk(new float[] {5, 30}, 10))
                .iterator());

    assertThat(mean.values()).containsExactly(2f, 15f);
    assertThat(mean.examples()).isEqualTo(40);
  }

  @Test
  public void oneReplicaIsItsOwnMeanBitForBit() {
    Random random = new Random(SEED);
    float[] values = new float[10_000];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextGaussian() * Math.pow(10, random.nextInt(30) - 20));
    }

    Chunk mean =
        WeightedMean.of(List.<Contribution>of(new Chunk(values.clone(), 48_611)).iterator());

    assertThat(mean.values()).as("seed %d", SEED).isEqualTo(values);
  }

  @Test
  public void noExamplesAreNoAverage() {
    assertThatThrownBy(
            () -> WeightedMean.of(List.<Contribution>of(new Chunk(new float[1], 0)).iterator()))
        .hasMessage("Cannot average: no replica trained on any example");
  }
}
