package dev.mien.spark.pretrain.replica;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.preprocessing.picture.FrameDecoder;
import dev.mien.preprocessing.picture.FrameFormat;
import dev.mien.preprocessing.picture.View;
import dev.mien.preprocessing.region.Region;
import dev.mien.spark.config.AugmentationOptions;
import dev.mien.spark.dataset.clip.ClipWindow;
import dev.mien.spark.dataset.clip.StoredClip;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.testng.annotations.Test;

public class AugmentationTest {

  private static final int SIDE = 224;
  private static final int CELLS = 56;

  @Test
  public void withoutAugmentationTheWholeFrameIsSeen() {
    for (long seed = 0; seed < 100; seed++) {
      assertThat(Augmentation.draw(AugmentationOptions.none(), SIDE, seed))
          .isEqualTo(View.whole(SIDE));
    }
  }

  @Test
  public void partsAndMirrorsFollowTheirOptions() {
    AugmentationOptions options = new AugmentationOptions(0.25, 0.5);
    List<View> views =
        LongStream.range(0, 1000).mapToObj(seed -> Augmentation.draw(options, SIDE, seed)).toList();
    for (int seed = 0; seed < views.size(); seed++) {
      View view = views.get(seed);
      assertThat(view).isEqualTo(Augmentation.draw(options, SIDE, seed));
      assertThat(view.x() + view.width()).as("seed %d", seed).isBetween(1, SIDE);
      assertThat(view.y() + view.height()).as("seed %d", seed).isBetween(1, SIDE);
      // rounding to cells of four pixels moves each side by at most two
      assertThat((view.width() + 2.0) * (view.height() + 2.0))
          .as("seed %d", seed)
          .isGreaterThan(0.5 * SIDE * SIDE);
      assertThat((double) view.width() / view.height()).isBetween(0.73, 1.37);
    }
    assertThat(views.stream().filter(View::mirrored).count()).isBetween(200L, 300L);
    assertThat(views.stream().distinct().count()).isGreaterThan(900);
  }

  @Test
  public void framesAndRegionsAreSeenThroughTheSameView() {
    // a pixel is red in the right eye, green in the left, white in skin: what is seen must agree
    byte[] cells = new byte[CELLS * CELLS];
    byte[] frame = new byte[SIDE * SIDE * 3];
    SplittableRandom random = new SplittableRandom(4);
    Region[] choice = {Region.RIGHT_EYE, Region.LEFT_EYE, Region.SKIN};
    for (int i = 0; i < cells.length; i++) {
      Region region = choice[random.nextInt(3)];
      cells[i] = (byte) region.bit();
      for (int pixel = 0; pixel < 16; pixel++) {
        int y = i / CELLS * 4 + pixel / 4;
        int x = i % CELLS * 4 + pixel % 4;
        frame[(y * SIDE + x) * 3] = (byte) (region == Region.LEFT_EYE ? 0 : 255);
        frame[(y * SIDE + x) * 3 + 1] = (byte) (region == Region.RIGHT_EYE ? 0 : 255);
      }
    }
    ClipWindow window =
        new ClipWindow(
            new StoredClip("clip", SIDE, SIDE, FrameFormat.RAW, List.of(frame), cells), 0, 1, 1);
    // at the whole size and at twice, where a cell of the view is a part of a stored one
    for (int side : new int[] {224, 112}) {
      for (boolean mirrored : new boolean[] {false, true}) {
        View view = new View(SIDE - side, 0, side, side, mirrored);
        ByteBuffer pixels = ByteBuffer.allocateDirect(side * side * 3);
        try (FrameDecoder decoder = new FrameDecoder()) {
          window.decode(decoder, view, side, pixels);
        }
        byte[] regions = window.regions(view);
        int cell = side / CELLS;
        for (int i = 0; i < regions.length; i++) {
          int first = (i / CELLS * cell * side + i % CELLS * cell) * 3;
          boolean red = pixels.get(first) != 0;
          boolean green = pixels.get(first + 1) != 0;
          // in a mirror the person's right eye is a left one
          Region eye = red == mirrored ? Region.LEFT_EYE : Region.RIGHT_EYE;
          assertThat(regions[i])
              .as("cell %d of %s", i, view)
              .isEqualTo((byte) (red && green ? Region.SKIN : eye).bit());
        }
      }
    }
  }
}
