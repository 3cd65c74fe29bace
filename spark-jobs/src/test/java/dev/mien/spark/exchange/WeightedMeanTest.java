package dev.mien.spark.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Random;
import org.testng.annotations.Test;

public class WeightedMeanTest {

  private static final long SEED = 17;

  @Test
  public void replicasWeighByTheirExamples() {
    WeightedMean mean = new WeightedMean(FloatBuffer.allocate(0), 0);
    mean.add(FloatBuffer.wrap(new float[] {1, 10}), 30);
    mean.add(FloatBuffer.wrap(new float[] {5, 30}), 10);

    assertThat(values(mean)).containsExactly(2f, 15f);
  }

  @Test
  public void spreadAndUpdateAreOfTheMeasuredValues() {
    WeightedMean mean = new WeightedMean(FloatBuffer.wrap(new float[] {1, 1, 9}), 2);
    mean.add(FloatBuffer.wrap(new float[] {1, 2, 0}), 1);
    mean.add(FloatBuffer.wrap(new float[] {5, 2, 0}), 3);
    WeightedMean.Result result = mean.result().orElseThrow();

    // mean (4, 2): 3 and 1 from the base; replicas 3 and 1 from the mean, at weights 1 and 3
    assertThat(result.update()).isCloseTo(10, within(1e-12));
    assertThat(result.spread()).isCloseTo((9 + 3 * 1) / 4.0, within(1e-12));
  }

  /** Of a length that no power of two divides, and far from the base. */
  @Test
  public void aSmallSpreadIsNotLostInALargeUpdate() {
    int count = 10_007;
    float[] low = new float[count];
    float[] high = new float[count];
    Arrays.fill(low, 4096f);
    Arrays.fill(high, 4096f + 1 / 1024f);
    WeightedMean mean = new WeightedMean(FloatBuffer.allocate(count), count);
    mean.add(FloatBuffer.wrap(low), 1);
    mean.add(FloatBuffer.wrap(high), 1);
    WeightedMean.Result result = mean.result().orElseThrow();

    assertThat(result.spread()).isCloseTo(count / Math.pow(2048, 2), withinPercentage(1e-4));
    assertThat(result.update()).isCloseTo(count * Math.pow(4096, 2), withinPercentage(1e-4));
  }

  @Test
  public void oneReplicaIsItsOwnMeanBitForBit() {
    Random random = new Random(SEED);
    float[] values = new float[10_000];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextGaussian() * Math.pow(10, random.nextInt(30) - 20));
    }
    WeightedMean mean = new WeightedMean(FloatBuffer.allocate(0), 0);
    mean.add(FloatBuffer.wrap(values.clone()), 48_611);

    assertThat(values(mean)).as("seed %d", SEED).isEqualTo(values);
  }

  @Test
  public void noExamplesAreNoAverage() {
    WeightedMean mean = new WeightedMean(FloatBuffer.allocate(0), 0);
    assertThat(mean.result()).isEmpty();

    mean.add(FloatBuffer.wrap(new float[1]), 0);

    assertThatThrownBy(mean::result)
        .hasMessage("Cannot average: no replica trained on any example");
  }

  private static float[] values(WeightedMean mean) {
    FloatBuffer values = StateChunks.floats(mean.result().orElseThrow().bytes());
    float[] copy = new float[values.remaining()];
    values.get(copy);
    return copy;
  }
}
