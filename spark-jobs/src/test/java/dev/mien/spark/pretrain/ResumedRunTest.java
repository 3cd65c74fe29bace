package dev.mien.spark.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mien.model.parameters.ParameterVector;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.StoredRows;
import dev.mien.spark.run.Checkpoints;
import dev.mien.spark.run.EventFiles;
import dev.mien.spark.run.MetricsLog;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Runs that go on from what another left, be it changed or damaged. */
public class ResumedRunTest extends NoiseRunsFixture {

  @Test
  public void aRunIsNotResumedOnAnotherDataset() throws IOException {
    start("settled");
    copy("dataset", "moved");
    String moved = uri("moved");

    assertThatThrownBy(() -> job().resume(moved, uri("settled"), Set.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("with other settings (--allow KEY")
        .hasMessageEndingWith("\n  dataset: " + uri("dataset") + " -> " + moved);
    job().resume(folder.resolve("dataset").toString(), uri("settled"), Set.of());
    job().resume(uri("dataset").replace("file:///", "file:/"), uri("settled"), Set.of());

    forget("settled", 6);
    job().resume(moved, uri("settled"), Set.of("dataset"));
    assertThat(newest("settled").manifest().dataset()).isEqualTo(moved);
  }

  @Test
  public void aRunWhoseDatasetVersionIsGoneGoesOnWithTheNewestOnlyIfThatIsMeant()
      throws IOException {
    start("outlived");
    forget("outlived", 6);
    long newest = newest("outlived").manifest().datasetVersion();
    Path manifest = checkpoints("outlived").resolve("round-00000005/manifest.json");
    String text = Files.readString(manifest);
    Files.writeString(manifest, text.replaceFirst("(\"datasetVersion\": *)" + newest, "$199"));
    Path written = checkpoints("outlived").resolve("round-00000005/.manifest.json.crc");
    Files.deleteIfExists(written);

    assertThatThrownBy(() -> job().resume(uri("dataset"), uri("outlived"), Set.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Dataset %s has no version 99 (an erasure takes the earlier ones away):"
                    .formatted(uri("dataset"))
                + " --allow dataset-version trains on with version %d, the newest"
                    .formatted(newest));
    job().resume(uri("dataset"), uri("outlived"), Set.of("dataset-version"));

    assertThat(newest("outlived").manifest().datasetVersion()).isEqualTo(newest);
    assertThat(newest("outlived").manifest().earlierVersions()).containsExactly(99L);
    assertThat(newest("outlived").manifest().origin()).isEmpty();
  }

  @Test
  public void aRunWhoseDatasetVersionHasLostItsFilesGoesOnWithTheNewest() throws IOException {
    copy("dataset", "vacuumed");
    job().start(uri("vacuumed"), uri("survivor"));
    forget("survivor", 6);
    FaceVideoDataset then = FaceVideoDataset.open(spark, uri("vacuumed"));
    List<String> files = new ArrayList<>(List.of(then.clips().inputFiles()));
    String person = PEOPLE.get(0);
    FaceVideoDataset now =
        StoredRows.publish(spark, then, StoredRows.processed(person + ".mp4", "v-again", person));
    files.removeAll(List.of(now.clips().inputFiles()));
    assertThat(files).as("of the version before").isNotEmpty();
    for (String file : files) {
      Files.delete(Path.of(URI.create(file)));
    }

    assertThatThrownBy(() -> job().resume(uri("vacuumed"), uri("survivor"), Set.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(": --allow dataset-version trains on with version ");
    job().resume(uri("vacuumed"), uri("survivor"), Set.of("dataset-version"));

    assertThat(newest("survivor").manifest().datasetVersion()).isEqualTo(now.version().videos());
    assertThat(newest("survivor").manifest().earlierVersions())
        .containsExactly(then.version().videos());
  }

  @Test
  public void aDamagedLaterCheckpointDoesNotTakeThePlaceOfNewOnes() throws IOException {
    start("damaged");
    Path later = checkpoints("damaged").resolve("round-00000009");
    Files.move(checkpoints("damaged").resolve("round-00000006"), later);
    Files.writeString(later.resolve("model.safetensors"), "damaged");

    job("training.checkpoints-kept = 1")
        .resume(uri("dataset"), uri("damaged"), Set.of("training.checkpoints-kept"));

    assertThat(new Checkpoints(hadoop(), uri("damaged")).names()).containsExactly("round-00000006");
    assertThat(newest("damaged").manifest().round()).isEqualTo(6);
  }

  @Test
  public void otherSettingsAreRefusedBeforeFilesAreRead() throws IOException {
    start("mistyped");
    for (String name : new Checkpoints(hadoop(), uri("mistyped")).names()) {
      Files.writeString(checkpoints("mistyped").resolve(name).resolve("model.safetensors"), "");
    }

    assertThatThrownBy(
            () -> job("training.seed = 13").resume(uri("dataset"), uri("mistyped"), Set.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("training.seed: 31 -> 13");
  }

  @Test
  public void moreReplicasGoOnWhereNoneStartsFromWhatItKept() throws IOException {
    String four = "training { replicas = 4, epochs = 8 }";
    Set<String> allowed = Set.of("training.replicas", "training.epochs", "averaging.inner-state");
    start("grown", "averaging.inner-state = local");

    assertThatThrownBy(
            () ->
                job(four, "averaging.inner-state = local")
                    .resume(uri("dataset"), uri("grown"), allowed))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Cannot resume with 4 replicas: 2 have kept moments or residuals");
    job(four, "averaging.inner-state = reset").resume(uri("dataset"), uri("grown"), allowed);

    assertThat(newest("grown").manifest().steps()).isEqualTo(12);
    assertThat(newest("grown").replicas()).isEmpty();
  }

  @Test
  public void aRunWithoutAReadableCheckpointIsNotBegunAnew() throws IOException {
    start("unreadable");
    for (String name : new Checkpoints(hadoop(), uri("unreadable")).names()) {
      Files.writeString(checkpoints("unreadable").resolve(name).resolve("manifest.json"), "{");
    }

    assertThatThrownBy(() -> job().resume(uri("dataset"), uri("unreadable"), Set.of()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("None of the 6 checkpoints of " + uri("unreadable"));
    assertThat(new Checkpoints(hadoop(), uri("unreadable")).names()).hasSize(6);
  }

  /** Settings of another total batch than two, and the clips of each round after the third. */
  @DataProvider
  public Object[][] batches() {
    return new Object[][] {
      {"training.batch-size", "4", List.of(16L)}, // of which the first four are trained on again
      {"training.batch-size", "2", List.of(8L, 4L)},
      {"training.replicas", "1", List.of(2L, 2L, 2L, 2L, 2L, 2L)},
    };
  }

  @Test(dataProvider = "batches")
  public void aRunGoesOnAtItsClipWithABatchOfAnotherSize(String key, String value, List<Long> clips)
      throws IOException {
    String name = key + value;
    start(name);
    forget(name, 4, 5, 6);

    job(key + " = " + value).resume(uri("dataset"), uri(name), Set.of(key));

    assertThat(lines(name, MetricsLog.ROUND).subList(3, 3 + clips.size()))
        .extracting(line -> line.get("clips").getAsLong())
        .isEqualTo(clips);
    assertThat(newest(name).manifest().round()).isEqualTo(3 + clips.size());
  }

  @Test
  public void curvesOfSmallerBatchesStayWhenTheBatchIsLarger() throws IOException {
    start("enlarged");
    forget("enlarged", 4, 5, 6);

    job("training.batch-size = 4")
        .resume(uri("dataset"), uri("enlarged"), Set.of("training.batch-size"));

    assertThat(shownSteps("enlarged", "round/loss"))
        .as("of two clips a step, and then of eight")
        .containsExactly(2L, 4L, 6L, 3L);
  }

  /** Rounds between two validations: the third round's comes again when it is extended, or not. */
  @DataProvider
  public Object[][] validations() {
    return new Object[][] {{3}, {100}};
  }

  @Test(dataProvider = "validations")
  public void aRunThatIsExtendedHasTheValidationOfItsFormerEndOnce(int every) throws IOException {
    String name = "extended-by-" + every;
    String[] settings = {
      "training { validation-pictures = 1, validate-every = %d }".formatted(every)
    };
    job(settings[0], "training.epochs = 2").start(uri("dataset"), uri(name));
    assertThat(newest(name).manifest().round()).isEqualTo(3);

    job(settings).resume(uri("dataset"), uri(name), Set.of("training.epochs"));

    assertThat(lines(name, MetricsLog.VALIDATION))
        .extracting(line -> line.get("round").getAsLong())
        .containsExactly(0L, 3L, 6L);
    assertThat(shownSteps(name, "validation/loss")).containsExactly(0L, 6L, 12L);
    assertThat(shownSteps(name, "reconstruction/")).containsExactly(0L, 6L, 12L);
    assertThat(shownSteps(name, "round/loss")).containsExactly(2L, 4L, 6L, 8L, 10L, 12L);
  }

  @Test
  public void aRunThatGoesOnStillKnowsItsLastValidation() throws IOException {
    String settings = "training.validate-every = 4";
    start("validated", settings);
    forget("validated", 6);

    job(settings, "training.epochs = 5")
        .resume(uri("dataset"), uri("validated"), Set.of("training.epochs"));

    assertThat(figures("validated", 6))
        .containsEntry("validation_round", 4.0)
        .containsEntry("validation_loss", figures("validated", 4).get("validation_loss"));
  }

  @Test
  public void aRunStoppedBeforeItsLastValidationHasItWhenItGoesOn() throws IOException {
    start("last-validated");
    Map<String, Double> validated = figures("last-validated", 6);
    assertThat(validated).containsEntry("validation_round", 6.0);
    Path manifest = checkpoints("last-validated").resolve("round-00000006/manifest.json");
    String text = Files.readString(manifest);
    Files.writeString(manifest, text.replace("\"validation_", "\"former_"));
    assertThat(figures("last-validated", 6)).doesNotContainKey("validation_round");

    job().resume(uri("dataset"), uri("last-validated"), Set.of());

    assertThat(figures("last-validated", 6)).containsAllEntriesOf(validated);
    assertThat(checkpoints("last-validated").resolve("round-00000006/README.md"))
        .content()
        .contains("| validation_loss | ");
    assertThat(newest("last-validated").manifest().round()).isEqualTo(6);
  }

  private Map<String, Double> figures(String run, long round) throws IOException {
    String checkpoint = uri(run + "/checkpoints/" + Checkpoints.name(round));
    return Checkpoints.manifest(hadoop(), new org.apache.hadoop.fs.Path(checkpoint)).figures();
  }

  private List<Long> shownSteps(String run, String curve) throws IOException {
    return EventFiles.shown(hadoop(), uri(run)).stream()
        .filter(shown -> shown.name().startsWith(curve))
        .map(EventFiles.Shown::step)
        .toList();
  }

  /** What replicas keep, before and after it is changed. */
  @DataProvider
  public Object[][] changed() {
    return new Object[][] {
      {"averaging { inner-state = local, exchange = float32 }", "int8"},
      {"averaging { inner-state = reset, exchange = int8 }", "int8"},
    };
  }

  @Test(dataProvider = "changed")
  public void whatReplicasHaveNotKeptTheyBeginAnew(String before, String exchange)
      throws IOException {
    String name = "changed-to-" + exchange + before.hashCode();
    start(name, before);
    ParameterVector fifth = model(name, 5);
    forget(name, 5, 6);

    job("averaging { inner-state = local, exchange = " + exchange + " }")
        .resume(uri("dataset"), uri(name), Set.of("averaging.inner-state", "averaging.exchange"));

    assertThat(newest(name).manifest().round()).isEqualTo(6);
    if (before.contains("reset")) {
      assertThat(model(name, 5)).as("as if they were reset").isEqualTo(fifth);
    }
  }

  @Test
  public void aFreshRunTakesNoStepsFromTheRecordOfAnother() throws IOException {
    String timed = "averaging.round-time = 1s";
    Path record = folder.resolve("fresh/steps.json");
    Files.createDirectories(record.getParent());
    Files.writeString(record, "{\"0\":5,\"1\":1000}");
    job(timed).start(uri("dataset"), uri("fresh"));
    assertThat(lines("fresh", MetricsLog.ROUND).get(0).get("local_steps").getAsInt()).isEqualTo(2);

    Path kept = folder.resolve("kept/steps.json");
    Files.createDirectories(kept.getParent());
    Files.writeString(kept, "{\"0\":5,\"1\":1000}");
    job(timed).resume(uri("dataset"), uri("kept"), Set.of());
    assertThat(lines("kept", MetricsLog.ROUND))
        .extracting(line -> line.get("local_steps").getAsInt())
        .as("recorded by a run that was killed before its first checkpoint")
        .containsExactly(5, 7);
  }
}
