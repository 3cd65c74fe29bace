package dev.mien.model.objective;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.model.Reference;
import dev.mien.model.parameters.Safetensors;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.testng.annotations.Test;

/** The reference's label maps, four orders of the components, and the patches that it shows. */
public class FaskingTest {
  private static final Safetensors FILE = Reference.read("fasking.safetensors");
  private static final int SIDE = 224;
  private static final int GRID = 14;
  private static final int TUBELETS = 8;
  private static final int PATCHES = GRID * GRID;
  private static final int TOKENS = TUBELETS * PATCHES;

  /** One bit a LaPa label: what the reference tells apart. */
  private static final Fasking LABELS =
      new Fasking(
          List.of(List.of(2, 4), List.of(3, 5), List.of(6), List.of(7, 8, 9), List.of(10)),
          List.of(1),
          List.of(0));

  /** Region of each of LaPa's eleven labels in a stored map. */
  private static final int[] REGION = {6, 5, 0, 1, 0, 1, 2, 3, 3, 3, 4};

  private static final int[] EACH_LABEL = IntStream.range(0, REGION.length).toArray();

  @Test
  public void oneBitALabelGivesTheReferencesTokensInBothOrders() {
    for (int i = 0; i < 4; i++) {
      assertThat(shown(EACH_LABEL, LABELS.componentsLast(components(i))))
          .as("components last, order %d", i)
          .isEqualTo(expected("fasking", i));
      assertThat(shown(EACH_LABEL, LABELS.componentsFirst(components(i))))
          .as("components first, order %d", i)
          .isEqualTo(expected("fasking_opposite", i));
    }
  }

  @Test
  public void aStoredMapGivesTheReferencesTokensWhenComponentsAreMasked() {
    for (int i = 0; i < 4; i++) {
      assertThat(shown(REGION, Fasking.REGIONS.componentsLast(components(i))))
          .as("order %d", i)
          .isEqualTo(expected("fasking", i));
    }
  }

  @Test
  public void aStoredMapShowsTheLastComponentWhole() {
    int more = 0;
    for (int i = 0; i < 4; i++) {
      byte[] shown = shown(REGION, Fasking.REGIONS.componentsFirst(components(i)));
      byte[] expected = expected("fasking_opposite", i);
      for (int token = 0; token < TOKENS; token++) {
        assertThat(shown[token]).as("token %d", token).isGreaterThanOrEqualTo(expected[token]);
        more += shown[token] - expected[token];
      }
    }
    assertThat(more).as("tokens of %d", 4 * TOKENS).isEqualTo(8);
  }

  private static byte[] shown(int[] bitOfLabel, int[] order) {
    byte[] labels = bytes("label_maps");
    var shown = new byte[TOKENS];
    // no face was found in the last tubelet
    for (int tubelet = 0; tubelet < TUBELETS; tubelet++) {
      int first = tubelet * SIDE * SIDE;
      boolean face = tubelet < TUBELETS - 1;
      int[] patches =
          Fasking.pooled(i -> face ? 1 << bitOfLabel[labels[first + i]] : 0, SIDE, GRID);
      System.arraycopy(
          Fasking.shown(patches, order, 1 - 0.9), 0, shown, tubelet * PATCHES, PATCHES);
    }
    return shown;
  }

  private static int[] components(int order) {
    byte[] orders = bytes("component_orders");
    return IntStream.range(0, 5).map(i -> orders[order * 5 + i]).toArray();
  }

  private static byte[] expected(String strategy, int order) {
    byte[] shown = bytes("visible_before_drop." + strategy);
    return Arrays.copyOfRange(shown, order * TOKENS, (order + 1) * TOKENS);
  }

  private static byte[] bytes(String name) {
    var data = FILE.tensors().get(name).data().duplicate();
    var bytes = new byte[data.remaining()];
    data.get(bytes);
    return bytes;
  }
}
