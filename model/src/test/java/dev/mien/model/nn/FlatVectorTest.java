package dev.mien.model.nn;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import java.util.Arrays;
import org.testng.annotations.Test;

public class FlatVectorTest {
  /** More than two of the pieces that are copied at a time, and a part of one. */
  private static final int SIZE = 600_001;

  @Test
  public void everyValueGoesInAndOut() {
    float[] values = numbers(SIZE);
    try (NDManager scope = NDManager.newBaseManager("PyTorch")) {
      FlatVector vector = FlatVector.zeros(scope, SIZE);
      vector.set(values);
      assertThat(vector.values()).isEqualTo(values);
    }
  }

  @Test
  public void aRangeLeavesWhatIsBesideIt() {
    int count = SIZE - 10;
    float[] values = numbers(SIZE);
    try (NDManager scope = NDManager.newBaseManager("PyTorch")) {
      FlatVector vector = FlatVector.zeros(scope, SIZE);
      vector.set(3, values, 5, count);
      var expected = new float[SIZE];
      System.arraycopy(values, 5, expected, 3, count);
      assertThat(vector.values()).isEqualTo(expected);

      var copied = new float[SIZE];
      Arrays.fill(copied, -1);
      vector.copy(3, copied, 7, count);
      assertThat(Arrays.copyOf(copied, 7)).containsOnly(-1);
      assertThat(Arrays.copyOfRange(copied, 7, 7 + count))
          .isEqualTo(Arrays.copyOfRange(values, 5, 5 + count));
      assertThat(Arrays.copyOfRange(copied, 7 + count, SIZE)).containsOnly(-1);
    }
  }

  private static float[] numbers(int count) {
    var numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = i + 1;
    }
    return numbers;
  }
}
