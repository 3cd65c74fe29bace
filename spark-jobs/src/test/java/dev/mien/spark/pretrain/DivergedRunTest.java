package dev.mien.spark.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mien.spark.run.Divergence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.testng.annotations.Test;

/** A run that has diverged, and that a cluster starts again as if a machine had been lost. */
public class DivergedRunTest extends NoiseRunsFixture {

  private static final String RATE = "optimiser.learning-rate";

  @Test
  public void theSameRoundsAreNotTrainedToTheSameEnd() throws IOException {
    String[] settings = {"optimiser { kind = sgd, learning-rate = 1e3 }"};
    assertThatThrownBy(() -> job(settings).start(uri("dataset"), uri("run")))
        .isInstanceOf(RunStoppedException.class)
        .hasMessageContaining("Non-finite loss");

    assertThatThrownBy(() -> job(settings).resume(uri("dataset"), uri("run"), Set.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Run " + uri("run") + " has diverged, and would again: Replica ")
        .hasMessageContainingAll(
            "Non-finite loss",
            "go on with a lower " + RATE,
            "/run/diverged.json to train the same once more");
  }

  @Test
  public void otherSettingsMayHelp() throws IOException {
    start("again");
    forget("again", 5, 6);
    Divergence.of(
            "it burst",
            uri("dataset"),
            newest("again").manifest().datasetVersion(),
            configuration())
        .write(hadoop(), uri("again"));
    assertThatThrownBy(() -> job().resume(uri("dataset"), uri("again"), Set.of()))
        .hasMessageContaining("has diverged, and would again: it burst");

    job(RATE + " = 1e-2").resume(uri("dataset"), uri("again"), Set.of(RATE));

    assertThat(newest("again").manifest().round()).isEqualTo(6);
    assertThat(folder.resolve("again/diverged.json")).doesNotExist();
  }

  @Test
  public void otherDataMayHelp() throws IOException {
    start("other");
    forget("other", 5, 6);
    Divergence.of("it burst", uri("dataset"), 0, configuration()).write(hadoop(), uri("other"));

    job().resume(uri("dataset"), uri("other"), Set.of());

    assertThat(newest("other").manifest().round()).isEqualTo(6);
  }

  @Test
  public void aDamagedRecordIsNamed() throws IOException {
    Path record = Files.createDirectories(folder.resolve("torn")).resolve("diverged.json");
    for (String damaged : List.of("", "{", "{}")) {
      Files.writeString(record, damaged);
      assertThatThrownBy(() -> job().resume(uri("dataset"), uri("torn"), Set.of()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("Damaged ", "/torn/diverged.json", "delete it to go on");
    }
  }
}
