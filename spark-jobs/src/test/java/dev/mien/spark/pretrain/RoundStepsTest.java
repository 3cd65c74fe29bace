package dev.mien.spark.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.clip.ClipEntry;
import dev.mien.spark.dataset.clip.ClipIndex;
import dev.mien.spark.dataset.clip.ClipLocation;
import dev.mien.spark.dataset.clip.RowGroup;
import dev.mien.spark.run.StepsRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

public class RoundStepsTest {

  private String run;

  @BeforeMethod
  public void makeRun() throws IOException {
    run = Files.createTempDirectory("run").toString();
  }

  @Test
  public void singleStepsComeFirstAndTheLastRoundIsWhatIsLeft() throws IOException {
    Plan plan = plan("averaging.synchronous-steps = 3");
    assertThat(plan.steps()).isEqualTo(20);
    assertThat(plan.rounds()).isEqualTo(3 + 5);

    assertThat(all(plan)).containsExactly(1, 1, 1, 4, 4, 4, 4, 1);
  }

  @Test
  public void aRoundIsSaidOfAllWhereTheirNumberIsFixed() {
    Plan plan = plan("averaging.synchronous-steps = 3");
    assertThat(plan.roundAfter(0, 0)).isEqualTo("round 1 of 8");
    assertThat(plan.roundAfter(4, 7)).isEqualTo("round 5 of 8");
    assertThat(plan.roundAfter(7, 19)).isEqualTo("round 8 of 8");
    assertThat(plan.lastRound(8, 20)).isEqualTo("round 8 of 8");
    assertThat(plan.roundAfter(30, 7))
        .as("resumed with a larger batch")
        .isEqualTo("round 31 of 34");

    Plan timed = plan("averaging.round-time = 3s");
    assertThat(timed.roundAfter(11, 7)).isEqualTo("round 12 (step 7 of 20)");
    assertThat(timed.lastRound(11, 7)).isEqualTo("round 11 (step 7 of 20)");
  }

  @Test
  public void timeHoldsAsManyStepsAsTheLastRoundsPaceAllows() throws IOException {
    Plan plan = plan("averaging.round-time = 3s");
    RoundSteps steps = steps(plan);

    assertThat(steps.next(0, 0)).as("no pace yet: training.local-steps").isEqualTo(4);
    steps.pace(0.5);
    assertThat(steps.next(1, 4)).isEqualTo(6);
    steps.pace(2.5);
    assertThat(steps.next(2, 10)).as("the mean of both").isEqualTo(2);
    assertThat(steps.next(3, 19)).as("what is left").isEqualTo(1);
  }

  @Test
  public void aResumedRunTakesTheStepsThatWereRecordedWhateverItsPace() throws IOException {
    Plan plan = plan("averaging.round-time = 3s");
    killedInTheSecondRound(plan);

    RoundSteps resumed = steps(plan);
    resumed.pace(100);
    assertThat(resumed.next(1, 4)).isEqualTo(6);
    assertThat(resumed.next(2, 10)).isEqualTo(1);
  }

  @Test
  public void aRunResumedAfterItsRecordBeginsWithTheLastRoundsSteps() throws IOException {
    Plan plan = plan("averaging.round-time = 3s");
    killedInTheSecondRound(plan);

    assertThat(steps(plan).next(2, 10)).isEqualTo(6);
  }

  @Test
  public void anEmptyRecordIsNamed() throws IOException {
    Path record = Files.createTempDirectory("run").resolve("steps.json");
    Files.writeString(record, "");

    assertThatThrownBy(
            () -> StepsRecord.open(new Configuration(), record.getParent().toUri().toString()))
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll("steps.json holds ''", "delete it");
  }

  @Test
  public void aRecordThatWasRefusedIsNotTakenForWritten() throws IOException {
    Configuration hadoop = new Configuration();
    hadoop.set("fs.refusing.impl", RefusingFileSystem.class.getName());
    String refusing = "refusing:" + run;
    RoundSteps steps =
        new RoundSteps(plan("averaging.round-time = 3s"), StepsRecord.open(hadoop, refusing));
    RefusingFileSystem.refusal = path -> "quota";
    assertThatThrownBy(() -> steps.next(0, 0)).hasMessage("quota");

    RefusingFileSystem.refusal = path -> "";
    assertThat(StepsRecord.open(hadoop, refusing).of(0)).isEmpty();
    assertThat(steps.next(0, 0)).isEqualTo(4);
    assertThat(StepsRecord.open(hadoop, refusing).of(0)).contains(4);
  }

  @Test
  public void aRecordOfMoreStepsThanAreLeftIsCutShort() throws IOException {
    StepsRecord.open(new Configuration(), run).add(1, 1000);

    assertThat(steps(plan("averaging.round-time = 3s")).next(1, 18)).isEqualTo(2);
  }

  /**
   * Leaves the record of a run whose first round took four steps, and whose second was to take six.
   */
  private void killedInTheSecondRound(Plan plan) throws IOException {
    RoundSteps killed = steps(plan);
    killed.next(0, 0);
    killed.pace(0.5);
    killed.next(1, 4);
  }

  private List<Integer> all(Plan plan) throws IOException {
    RoundSteps steps = steps(plan);
    List<Integer> taken = new ArrayList<>();
    for (long round = 0, done = 0; done < plan.steps(); round++) {
      taken.add(steps.next(round, done));
      done += taken.get(taken.size() - 1);
    }
    return taken;
  }

  private RoundSteps steps(Plan plan) throws IOException {
    return new RoundSteps(plan, StepsRecord.open(new Configuration(), run));
  }

  /** Forty windows in steps of two. */
  private static Plan plan(String setting) {
    MienConfiguration configuration =
        MienConfiguration.load(
            Optional.of("tiny"),
            Optional.empty(),
            List.of(
                "training { replicas = 2, batch-size = 1, local-steps = 4, epochs = 1,"
                    + " windows-per-clip = 1, validation-fraction = 0 }",
                setting));
    List<ClipEntry> clips =
        IntStream.range(0, 40)
            .mapToObj(
                clip ->
                    new ClipEntry(
                        "clip" + clip,
                        "track",
                        "video",
                        "person",
                        "",
                        64,
                        new ClipLocation(new RowGroup("file", 0), clip)))
            .toList();
    return Plan.of(configuration, new ClipIndex(clips));
  }
}
