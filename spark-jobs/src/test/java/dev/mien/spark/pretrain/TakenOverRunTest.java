package dev.mien.spark.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import dev.mien.spark.LostMountFileSystem;
import dev.mien.spark.run.Checkpoints;
import dev.mien.spark.run.MetricsLog;
import dev.mien.spark.run.RunOwner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.commons.io.FileUtils;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** A run that another driver takes while the first believes that it is alone. */
public class TakenOverRunTest extends NoiseRunsFixture {

  private static final String KEPT = "training.checkpoints-kept";

  @BeforeClass
  public void mountFiles() {
    RefusingFileSystem.mount(spark);
  }

  @Test
  public void theFirstDriverEndsAndDeletesNothingAnyMore() throws IOException {
    start("alone");
    assertThat(folder.resolve("alone/driver"))
        .content()
        .startsWith(spark.sparkContext().applicationId() + " on 127.0.0.1 since ");
    String run = "refusing:" + folder.resolve("contested");
    AtomicBoolean taken = new AtomicBoolean();
    RefusingFileSystem.refusal =
        path -> {
          if (path.contains("round-00000003/model") && !taken.getAndSet(true)) {
            take(run);
          }
          return "";
        };

    assertThatThrownBy(() -> job(KEPT + " = 1").start(uri("dataset"), run))
        .isInstanceOf(RunStoppedException.class)
        .hasMessageContainingAll(
            "Stopped in round ", "is now that of another driver, app-2 since ");
    assertThat(new Checkpoints(hadoop(), run).names()).containsExactly("round-00000002");

    job().resume(uri("dataset"), run, Set.of(KEPT));
    assertThat(newest("contested").parameters()).isEqualTo(newest("alone").parameters());
    assertThat(losses("contested")).hasSize(6).isEqualTo(losses("alone"));
  }

  @Test
  public void whatTheFirstDriverFinishesUntilItIsToldIsNotDeleted() throws IOException {
    start("going-on");
    Path finished = Files.createDirectory(folder.resolve("finished"));
    for (String name : List.of("round-00000005", "round-00000006")) {
      Files.move(checkpoints("going-on").resolve(name), finished.resolve(name));
    }
    String run = "refusing:" + folder.resolve("going-on");
    RefusingFileSystem.refusal =
        path -> {
          if (path.contains("going-on/driver")
              && Files.exists(finished.resolve("round-00000006"))) {
            finishAndKeepTheNewest(finished);
          }
          return "";
        };

    assertThatThrownBy(() -> job(KEPT + " = 1").resume(uri("dataset"), run, Set.of(KEPT)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll(
            "went on under another driver while this one read it",
            "round-00000004], and has [",
            "(go on with --resume, once more)");
    assertThat(new Checkpoints(hadoop(), run).names())
        .containsExactly("round-00000005", "round-00000006");

    job(KEPT + " = 1").resume(uri("dataset"), run, Set.of(KEPT));
    assertThat(new Checkpoints(hadoop(), run).names()).last().isEqualTo("round-00000006");
  }

  @Test
  public void whenWhoseItIsCannotBeReadTheRunStopsInACheckpoint() {
    Path figures = folder.resolve("lost/metrics/part-00000000.jsonl");
    AtomicBoolean lost = new AtomicBoolean();
    LostMountFileSystem.mount(spark.sparkContext().hadoopConfiguration());
    LostMountFileSystem.lose(
        path -> path.getName().equals("driver") && Files.exists(figures) && !lost.getAndSet(true));
    try {
      assertThatThrownBy(
              () ->
                  job("training.checkpoint-every = 100")
                      .start(uri("dataset"), "lost:" + folder.resolve("lost")))
          .isInstanceOf(RunStoppedException.class)
          .hasMessageContainingAll(
              "Stopped in round 2 of 6, Cannot read ",
              "lost/driver: Input/output error: checkpoint round-00000001 has all");
    } finally {
      LostMountFileSystem.lose(path -> false);
    }
  }

  /** What the first driver does between what the second reads and the taking of the folder. */
  private void finishAndKeepTheNewest(Path finished) {
    try {
      for (String name : List.of("round-00000005", "round-00000006")) {
        Files.move(finished.resolve(name), checkpoints("going-on").resolve(name));
      }
      for (int round = 1; round <= 4; round++) {
        FileUtils.deleteDirectory(
            checkpoints("going-on").resolve("round-0000000" + round).toFile());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  public void aSecondRunInAnApplicationIsRefusedBeforeItWritesAnything() {
    try (TrainingMetrics first = TrainingMetrics.start()) {
      first.show(Map.of("kind", "round", "loss", 0.5));
      assertThatThrownBy(() -> job().start(uri("dataset"), uri("second")))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("Another run trains in this Spark application (wait until");
    }
    assertThat(folder.resolve("second")).doesNotExist();
  }

  private void take(String run) {
    try {
      RunOwner.take(hadoop(), run, "app-2");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<Double> losses(String run) throws IOException {
    return lines(run, MetricsLog.ROUND).stream().map(TakenOverRunTest::loss).toList();
  }

  private static double loss(JsonObject line) {
    return line.get("loss").getAsDouble();
  }
}
