package dev.mien.spark.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

public class ChunkLayoutTest {

  /** About what ViT-L and its decoder have. */
  private static final int PARAMETERS = 330_000_000;

  private static final long MEBI = 1 << 20;

  @DataProvider
  public Object[][] replicas() {
    return new Object[][] {{1}, {8}, {1000}};
  }

  @Test(dataProvider = "replicas")
  public void noChunkOfALargeModelIsLargerThanItMayBe(int replicas) {
    for (int vectors : new int[] {1, 3, 7}) { // of seven, more values than an int counts
      ChunkLayout layout = ChunkLayout.of(vectors, PARAMETERS, replicas);

      long values = 0;
      for (int chunk = 0; chunk < layout.chunks(); chunk++) {
        assertThat(layout.length(chunk)).isPositive();
        assertThat(layout.length(chunk) * (long) Float.BYTES).isLessThanOrEqualTo(64 * MEBI);
        values += layout.length(chunk);
      }
      assertThat(values).isEqualTo((long) vectors * PARAMETERS);
    }
  }
}
