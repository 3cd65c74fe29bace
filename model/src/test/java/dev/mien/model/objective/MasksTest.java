package dev.mien.model.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mien.model.Reference;
import dev.mien.model.marlin.MarlinArchitecture;
import dev.mien.model.parameters.Safetensors;
import java.util.Arrays;
import org.testng.annotations.Test;

public class MasksTest {
  private static final MarlinArchitecture SMALL = MarlinArchitecture.small();
  private static final int PATCHES = 14 * 14;
  private static final int CELLS = 56 * 56;

  /** Region of each of LaPa's eleven labels. */
  private static final int[] REGION = {6, 5, 0, 1, 0, 1, 2, 3, 3, 3, 4};

  @Test
  public void ninetyPercentLeaves156Of1568() {
    assertThat(Masks.visibleCount(MaskStrategy.FASKING, SMALL, 0.9)).isEqualTo(156);
    assertThat(SMALL.tokens() - Masks.visibleCount(MaskStrategy.FASKING, SMALL, 0.9))
        .isEqualTo(1412);
  }

  @Test
  public void halfOfTheHiddenTokensIsLeftOutInRunningCells() {
    byte[] visible = Masks.draw(MaskStrategy.TUBE, SMALL, 0.9, new byte[0], 3);
    byte[] flags = Masks.leaveOut(visible, SMALL, 0.5, 9);
    int[] counts = new int[3];
    int moved = 0;
    for (int i = 0; i < flags.length; i++) {
      counts[flags[i]]++;
      assertThat(flags[i] == ClipBatch.VISIBLE).isEqualTo(visible[i] == ClipBatch.VISIBLE);
      int up = i / 14 % 14 % 2 == 0 ? 14 : -14;
      // two of a cell are left out; with none visible, both of its other diagonal or row are not
      if (i % 14 % 2 == 0 && up > 0) {
        int[] cell = {flags[i], flags[i + 1], flags[i + 14], flags[i + 15]};
        int out = 0;
        boolean anyVisible = false;
        for (int flag : cell) {
          out += flag == ClipBatch.LEFT_OUT ? 1 : 0;
          anyVisible |= flag == ClipBatch.VISIBLE;
        }
        moved += !anyVisible && out != 2 ? 1 : 0;
      }
    }
    assertThat(counts).as("masked, visible, left out; seed 9").containsExactly(706, 156, 706);
    assertThat(moved).as("cells that the exact count has changed, seed 9").isLessThan(20);
    assertThat(Masks.leaveOut(visible, SMALL, 0.5, 9)).isEqualTo(flags);
    assertThat(Masks.leaveOut(visible, SMALL, 0, 9)).isEqualTo(visible);
  }

  @Test
  public void everyStrategyLeavesTheExactCountAndFollowsItsSeed() {
    byte[] regions = regions(Reference.read("fasking.safetensors"));
    for (MaskStrategy strategy : MaskStrategy.values()) {
      byte[] first = Masks.draw(strategy, SMALL, 0.9, regions, 7);
      int count = strategy == MaskStrategy.WHOLE_TUBE ? 160 : 156;
      assertThat(sum(first, 0, 1568)).as("%s, seed 7", strategy).isEqualTo(count);
      assertThat(Masks.draw(strategy, SMALL, 0.9, regions, 7)).as("%s", strategy).isEqualTo(first);
      assertThat(Masks.draw(strategy, SMALL, 0.9, regions, 8))
          .as("%s", strategy)
          .isNotEqualTo(first);
    }
  }

  @Test
  public void onlyShownRegionsStayVisible() {
    byte[] regions = regions(Reference.read("fasking.safetensors"));
    byte[] shown =
        Masks.regionsShown(SMALL, 0.9, regions, Fasking.REGIONS.componentsLast(0, 1, 2, 3, 4));
    byte[] drawn = Masks.draw(MaskStrategy.FASKING, SMALL, 0.9, regions, 3);
    int fromLastTubelet = 0;
    for (int i = 0; i < drawn.length; i++) {
      if (i >= 7 * PATCHES) {
        fromLastTubelet += drawn[i]; // no face there: every patch may stay
      } else if (drawn[i] == 1 && shown[i] == 0) {
        // background and skin reach the share, so the components' order does not matter
        throw new AssertionError("token " + i + " is visible, seed 3");
      }
    }
    assertThat(fromLastTubelet).isPositive();
  }

  @Test
  public void tubesRepeatAndFramesAreWhole() {
    byte[] tube = Masks.draw(MaskStrategy.TUBE, SMALL, 0.9, new byte[0], 1);
    int places = 0;
    for (int place = 0; place < PATCHES; place++) {
      int shown = 0;
      for (int tubelet = 0; tubelet < 8; tubelet++) {
        shown += tube[tubelet * PATCHES + place];
      }
      places += shown > 0 ? 1 : 0;
    }
    assertThat(places).as("places that any of the 8 tubelets shows, seed 1").isEqualTo(20);

    byte[] frame = Masks.draw(MaskStrategy.FRAME, SMALL, 0.9, new byte[0], 1);
    int tubelets = 0;
    for (int tubelet = 0; tubelet < 8; tubelet++) {
      tubelets += sum(frame, tubelet * PATCHES, (tubelet + 1) * PATCHES) > 0 ? 1 : 0;
    }
    assertThat(tubelets).as("tubelets shown, seed 1").isEqualTo(1);
  }

  @Test
  public void aWholeTubeIsTheSameInEveryTubeletAsInVideoMae() {
    byte[] tube = Masks.draw(MaskStrategy.WHOLE_TUBE, SMALL, 0.9, new byte[0], 1);
    assertThat(sum(tube, 0, PATCHES)).as("seed 1").isEqualTo(20);
    for (int tubelet = 1; tubelet < 8; tubelet++) {
      assertThat(Arrays.copyOfRange(tube, tubelet * PATCHES, (tubelet + 1) * PATCHES))
          .as("tubelet %d, seed 1", tubelet)
          .isEqualTo(Arrays.copyOf(tube, PATCHES));
    }
    var svfap = new MarlinArchitecture(160, 16, 16, 2, 192, 4, 3, 96, 2, 3);
    assertThat(Masks.visibleCount(MaskStrategy.WHOLE_TUBE, svfap, 0.9)).isEqualTo(80);
  }

  @Test
  public void noFaceAnywhereShowsAnyToken() {
    byte[] visible = Masks.draw(MaskStrategy.FASKING, SMALL, 0.9, new byte[16 * CELLS], 5);
    assertThat(sum(visible, 0, 1568)).isEqualTo(156);
    assertThat(sum(visible, 0, PATCHES)).as("of tubelet 0, seed 5").isBetween(5, 40);
  }

  @Test
  public void namesWhatIsWrong() {
    assertThatThrownBy(() -> Masks.visibleCount(MaskStrategy.TUBE, SMALL, 1.3))
        .hasMessage("Invalid mask ratio: 1.3 (must be in [0,1))");
    var odd = new MarlinArchitecture(96, 16, 16, 2, 192, 4, 3, 96, 2, 3);
    assertThatThrownBy(() -> Masks.draw(MaskStrategy.FASKING, odd, 0.9, new byte[16 * CELLS], 0))
        .hasMessage(
            "Invalid grid for masks of regions: 6 patches a side (must divide 56, the side of a region map)");
    assertThatThrownBy(() -> Masks.draw(MaskStrategy.FASKING, SMALL, 0.9, new byte[CELLS], 0))
        .hasMessage("Invalid region maps: 3136 cells (must be 50176: 16 frames of 56 by 56)");
    var noseOnly = new byte[16 * CELLS];
    for (int frame = 0; frame < 16; frame++) {
      noseOnly[frame * CELLS] = 1 << 2;
    }
    assertThatThrownBy(() -> Masks.draw(MaskStrategy.FASKING, SMALL, 0.9, noseOnly, 0))
        .hasMessageStartingWith("Invalid region maps: only 8 of 156 tokens can be shown");
  }

  /** {@code [16,56,56]}: label maps are of each tubelet's first frame, the last has no face. */
  private static byte[] regions(Safetensors file) {
    byte[] labels = bytes(file, "label_maps");
    var regions = new byte[16 * CELLS];
    for (int i = 0; i < labels.length; i++) {
      int tubelet = i / (224 * 224);
      int y = i / 224 % 224;
      int x = i % 224;
      int cell = y / 4 * 56 + x / 4;
      if (tubelet < 7) {
        // the second frame of the pair stays without a face: it must not be read
        regions[2 * tubelet * CELLS + cell] |= (byte) (1 << REGION[labels[i]]);
      }
    }
    return regions;
  }

  private static int sum(byte[] values, int from, int to) {
    int sum = 0;
    for (int i = from; i < to; i++) {
      sum += values[i];
    }
    return sum;
  }

  private static byte[] bytes(Safetensors file, String name) {
    var data = file.tensors().get(name).data().duplicate();
    var bytes = new byte[data.remaining()];
    data.get(bytes);
    return bytes;
  }
}
