package dev.mien.spark.inspect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.mien.spark.inspect.Report.TrainingCurves;
import java.util.List;
import java.util.stream.IntStream;
import org.testng.annotations.Test;

public class TrainingHistoryTest {

  private static final String ROUND =
      "{\"kind\":\"round\",\"round\":%d,\"epoch\":0.5,\"step\":5,\"reconstruction\":%s,"
          + "\"learning_rate\":1e-4,\"clips\":8,\"clips_per_second\":5.5}";
  private static final String VALIDATION = "{\"kind\":\"validation\",\"round\":%d,\"loss\":%s}";

  @Test
  public void roundsAndValidationsBecomeCurves() {
    TrainingCurves curves =
        TrainingHistory.curves(
                List.of(
                    line(ROUND, 1, 0.08),
                    line(VALIDATION, 1, 0.07),
                    line(ROUND, 2, 0.06),
                    line(VALIDATION, 2, 0.05)))
            .orElseThrow();

    assertThat(curves.trainingLoss())
        .containsExactly(new double[] {1, 0.08}, new double[] {2, 0.06});
    assertThat(curves.validationLoss())
        .containsExactly(new double[] {1, 0.07}, new double[] {2, 0.05});
    assertThat(curves.learningRate()).contains(new double[] {2, 1e-4});
    assertThat(curves.clipsPerSecond()).contains(new double[] {1, 5.5});
    assertThat(curves.summary()).endsWith("The validation loss went from 0.0700 to 0.0500.");
  }

  @Test
  public void aRunThatHasNotBegunHasNoCurves() {
    assertThat(TrainingHistory.curves(List.of())).isEmpty();
  }

  @Test
  public void aLongRunIsThinnedBetweenItsEnds() {
    List<Integer> thinned = TrainingHistory.thinned(IntStream.range(0, 1_000_000).boxed().toList());

    assertThat(thinned).hasSize(TrainingHistory.POINTS).startsWith(0).endsWith(999_999);
    assertThat(thinned).isSorted().doesNotHaveDuplicates();
  }

  @Test
  public void aRoundWithoutAnythingToReadIsNoPointOfACurve() {
    JsonObject unread =
        JsonParser.parseString("{kind: round, round: 2, epoch: 1, step: 4, clips: 0}")
            .getAsJsonObject();

    TrainingCurves curves =
        TrainingHistory.curves(List.of(line(ROUND, 1, 0.08), unread)).orElseThrow();

    assertThat(curves.trainingLoss()).containsExactly(new double[] {1, 0.08});
    assertThat(curves.summary()).startsWith("2 rounds, 4 steps");
  }

  @Test
  public void aMissingFigureIsNamed() {
    JsonObject line = line(ROUND, 1, 0.08);
    line.remove("learning_rate");

    assertThatThrownBy(() -> TrainingHistory.curves(List.of(line)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("must have a number learning_rate");
  }

  private static JsonObject line(String format, int round, double loss) {
    return JsonParser.parseString(format.formatted(round, loss)).getAsJsonObject();
  }
}
