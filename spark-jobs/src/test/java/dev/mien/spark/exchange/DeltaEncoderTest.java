package dev.mien.spark.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Random;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

public class DeltaEncoderTest {

  private static final long SEED = 41;
  private static final int SIZE = 3 * DeltaEncoder.BLOCK + 7;

  /** Encoding, bytes for {@code SIZE} values, largest error of a value in parts of the largest. */
  @DataProvider
  public Object[][] encodings() {
    return new Object[][] {
      {Encoding.BFLOAT16, 2 * SIZE, 1.0 / 256},
      {Encoding.INT8, SIZE + 4 * 4, 0.5 / 127},
    };
  }

  @Test(dataProvider = "encodings")
  public void aDifferenceIsRoundedAndTheRestKept(Encoding encoding, int bytes, double error) {
    float[] base = random(1);
    float[] values = base.clone();
    float[] delta = random(2);
    float largest = 0;
    for (int i = 0; i < SIZE; i++) {
      values[i] += delta[i] * 1e-2f;
      largest = Math.max(largest, Math.abs(values[i] - base[i]));
    }
    float[] residual = new float[SIZE];

    byte[] encoded = new DeltaEncoder(encoding, residual).encode(values, FloatBuffer.wrap(base), 0);
    float[] decoded = DeltaEncoder.decode(encoding, ByteBuffer.wrap(encoded), SIZE);

    assertThat(encoded).hasSize(bytes);
    for (int i = 0; i < SIZE; i++) {
      assertThat(decoded[i] + residual[i])
          .as("value %d, seed %d", i, SEED)
          .isEqualTo(values[i] - base[i]);
      assertThat(Math.abs(residual[i])).isLessThanOrEqualTo((float) (largest * error * 1.0001));
    }
  }

  @Test(dataProvider = "encodings")
  public void errorsOfManyRoundsDoNotAddUp(Encoding encoding, int bytes, double error) {
    float[] base = new float[SIZE];
    float[] values = random(3);
    DeltaEncoder encoder = new DeltaEncoder(encoding, new float[SIZE]);
    double[] arrived = new double[SIZE];
    int rounds = 64;
    for (int round = 0; round < rounds; round++) {
      float[] decoded =
          DeltaEncoder.decode(
              encoding, ByteBuffer.wrap(encoder.encode(values, FloatBuffer.wrap(base), 0)), SIZE);
      for (int i = 0; i < SIZE; i++) {
        arrived[i] += decoded[i];
      }
    }

    float largest = 0;
    for (float value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    for (int i = 0; i < SIZE; i++) {
      assertThat(Math.abs(arrived[i] - (double) rounds * values[i]))
          .as("value %d after %d rounds, seed %d", i, rounds, SEED)
          .isLessThan(2.1 * error * largest);
    }
  }

  @Test
  public void nothingIsNothing() {
    float[] zeros = new float[SIZE];
    byte[] encoded =
        new DeltaEncoder(Encoding.INT8, new float[SIZE]).encode(zeros, FloatBuffer.wrap(zeros), 0);

    assertThat(DeltaEncoder.decode(Encoding.INT8, ByteBuffer.wrap(encoded), SIZE)).containsOnly(0f);
  }

  private static float[] random(int draw) {
    Random random = new Random(SEED + draw);
    float[] values = new float[SIZE];
    for (int i = 0; i < SIZE; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
