package dev.mien.spark.draw;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.model.marlin.MarlinArchitecture;
import dev.mien.model.objective.ClipBatch;
import dev.mien.model.train.Reconstruction;
import dev.mien.spark.sql.Pixels;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.testng.annotations.Test;

public class ReconstructedFramesTest {

  private static final int SIDE = 4;

  /** Twenty tubelets of two frames. */
  private static final MarlinArchitecture NETWORK =
      new MarlinArchitecture(SIDE, 2, 40, 2, 24, 1, 3, 12, 1, 3);

  @Test
  public void eightTubeletsOfTheClipAreShownInThreeRows() throws IOException {
    ClipBatch batch =
        new ClipBatch(2, batch(0), new byte[2 * NETWORK.tokens()], List.of("first", "second"));

    ReconstructedFrames frames =
        ReconstructedFrames.of(NETWORK, batch, new Reconstruction(batch(2), batch(1)), 1);

    assertThat(frames.original())
        .extracting(frame -> (int) frame.get(0))
        .as("the first frame of tubelets 0, 2, 5, …")
        .containsExactly(40, 44, 50, 54, 60, 64, 70, 74);
    BufferedImage picture = Pixels.png(frames.png());
    assertThat(picture.getHeight()).isEqualTo(frames.height());
    assertThat(picture.getWidth()).isEqualTo(frames.width());
    for (int row = 0; row < 3; row++) {
      assertThat(Pixels.cell(picture, 1, row, SIDE, 0)).isEqualTo(0x010101 * (80 * row + 44));
    }
  }

  /** {@code [2,40,4,4,3]}: each frame of one grey, by its number. */
  private static ByteBuffer batch(int row) {
    ByteBuffer pixels = ByteBuffer.allocateDirect(2 * NETWORK.clipBytes());
    for (int i = 0; i < pixels.capacity(); i++) {
      pixels.put(i, (byte) (80 * row + i / (SIDE * SIDE * 3)));
    }
    return pixels;
  }
}
