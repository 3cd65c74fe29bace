package dev.mien.spark.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import dev.mien.model.parameters.ParameterLayout;
import dev.mien.model.parameters.ParameterVector;
import dev.mien.model.train.TrainingState;
import dev.mien.spark.LocalSpark;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.ClipIndex;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.StoredRows;
import dev.mien.spark.run.Checkpoint;
import dev.mien.spark.run.Checkpoints;
import dev.mien.spark.run.MetricsLog;
import dev.mien.spark.run.Snapshot;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.spark.sql.SparkSession;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Runs on two clips of noise from each of four people, and what may happen to them. */
public class TroubledRunTest {

  private static final List<String> PEOPLE = List.of("anna", "ben", "cleo", "dan");

  private SparkSession spark;
  private Path folder;

  @BeforeClass
  public void publish() throws IOException {
    spark = LocalSpark.open(configuration());
    spark
        .sparkContext()
        .hadoopConfiguration()
        .set("fs.stuck.impl", UndeletingFileSystem.class.getName());
    folder = Files.createTempDirectory("troubled");
    FaceVideoDataset dataset = FaceVideoDataset.openOrCreate(spark, uri("dataset"));
    for (String person : PEOPLE) { // a file for each
      dataset =
          StoredRows.publish(
              spark, dataset, StoredRows.processed(person + ".mp4", "v-" + person, person));
    }
  }

  @AfterClass(alwaysRun = true)
  public void stop() {
    spark.stop();
  }

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
  public void validationPassesOverWhatCannotBeRead() throws IOException {
    String[] settings = {
      "training { validation-fraction = 0.5, validate-every = 1, unreadable-shards = skip }"
    };
    List<String> heldOut = heldOut(settings);
    assertThat(heldOut).hasSizeGreaterThan(1);
    copy("dataset", "partly-broken");
    damage("partly-broken", heldOut.get(0));
    job(settings).start(uri("partly-broken"), uri("partly-validated"));
    assertThat(lines("partly-validated", MetricsLog.VALIDATION))
        .isNotEmpty()
        .allMatch(line -> line.get("clips").getAsInt() == 2 * (heldOut.size() - 1));

    copy("dataset", "broken");
    for (String person : heldOut) {
      damage("broken", person);
    }
    job(settings).start(uri("broken"), uri("not-validated"));

    assertThat(lines("not-validated", MetricsLog.VALIDATION)).isEmpty();
    assertThat(lines("not-validated", MetricsLog.ROUND)).isNotEmpty();
    assertThat(newest("not-validated").manifest().figures())
        .containsKey("loss")
        .doesNotContainKey("validation_loss");
  }

  /** What replicas send and keep. */
  @DataProvider
  public Object[][] averaging() {
    return new Object[][] {
      {"averaging { inner-state = average, exchange = float32 }"},
      {"averaging { inner-state = local, exchange = int8, outer.kind = nesterov }"},
    };
  }

  @Test(dataProvider = "averaging")
  public void aRoundWithoutAnythingToReadLeavesTheStateAsItWas(String averaging)
      throws IOException {
    String[] settings = {averaging, "training.unreadable-shards = skip"};
    String name = "unread" + averaging.hashCode();
    start(name, settings);
    ParameterVector fourth = model(name, 4);
    forget(name, 5, 6);
    String unreadable = name + "-dataset"; // another one, of which nothing is in memory
    copy("dataset", unreadable);
    for (String person : PEOPLE) {
      damage(unreadable, person);
    }

    job(settings).resume(uri(unreadable), uri(name), Set.of("dataset"));

    assertThat(newest(name).manifest().round()).isEqualTo(6);
    assertThat(newest(name).manifest().steps()).isEqualTo(12);
    assertThat(newest(name).parameters()).isEqualTo(fourth);
  }

  @Test
  public void aStateThatHasDivergedIsSaidSo() throws IOException {
    start("diverged");
    forget("diverged", 6);
    Checkpoints checkpoints = new Checkpoints(hadoop(), uri("diverged"));
    Checkpoint fifth = newest("diverged");
    ParameterLayout layout = fifth.parameters().layout();
    float[] values = new float[layout.size()];
    Arrays.fill(values, Float.NaN);
    checkpoints.write(
        fifth.manifest(),
        new TrainingState(
            fifth.manifest().steps(),
            new ParameterVector(layout, values),
            ParameterVector.zeros(layout),
            ParameterVector.zeros(layout)));

    assertThatThrownBy(
            () ->
                job("training.validate-every = 1")
                    .resume(uri("dataset"), uri("diverged"), Set.of("training.validate-every")))
        .isInstanceOf(RunStoppedException.class)
        .hasMessageContaining(
            "The validation loss after round 5 is NaN: the run has diverged (go on with a lower"
                + " optimiser.learning-rate and --allow optimiser.learning-rate, or with"
                + " optimiser.gradient-clip and --allow optimiser.gradient-clip)");
  }

  @Test
  public void aStateThatHasDivergedIsNotKept() throws IOException {
    String[] settings = {"averaging.outer.kind = nesterov", "training.validate-every = 1"};
    start("flung", settings);
    forget("flung", 5, 6);
    Checkpoint fourth = newest("flung");
    rewrite("flung", fourth, fourth.moments(), Optional.of(immense(fourth)));

    assertThatThrownBy(() -> job(settings).resume(uri("dataset"), uri("flung"), Set.of()))
        .isInstanceOf(RunStoppedException.class)
        .hasMessageContainingAll(
            "The validation loss after round 5 is NaN", "the last checkpoint is round-00000004");
    assertThat(new Checkpoints(hadoop(), uri("flung")).names()).last().isEqualTo("round-00000004");
  }

  @Test
  public void anUpdateThatIsNoNumberEndsTheRun() throws IOException {
    String[] settings = {
      "training { local-steps = 1, epochs = 2 }", "objective.adversarial-weight = 0"
    };
    start("burst", settings);
    forget("burst", 5, 6);
    Checkpoint fourth = newest("burst");
    ParameterVector none = ParameterVector.zeros(fourth.parameters().layout());
    rewrite("burst", fourth, List.of(immense(fourth), none), Optional.empty());

    assertThatThrownBy(() -> job(settings).resume(uri("dataset"), uri("burst"), Set.of()))
        .isInstanceOf(RunStoppedException.class)
        .hasMessageContaining("The update of round 5 is ");
    assertThat(new Checkpoints(hadoop(), uri("burst")).names()).last().isEqualTo("round-00000004");
  }

  private static ParameterVector immense(Checkpoint checkpoint) {
    ParameterLayout layout = checkpoint.parameters().layout();
    float[] values = new float[layout.size()];
    Arrays.fill(values, Float.MAX_VALUE);
    return new ParameterVector(layout, values);
  }

  private void rewrite(
      String run,
      Checkpoint checkpoint,
      List<ParameterVector> moments,
      Optional<ParameterVector> outerMomentum)
      throws IOException {
    new Checkpoints(hadoop(), uri(run))
        .write(
            checkpoint.manifest(),
            new Snapshot(
                checkpoint.parameters().layout(),
                values(checkpoint.parameters()),
                moments.stream().map(TroubledRunTest::values).toList(),
                outerMomentum.map(TroubledRunTest::values),
                Map.of()));
  }

  private static Snapshot.Values values(ParameterVector vector) {
    return (from, count) -> Arrays.copyOfRange(vector.values(), from, from + count);
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

  @Test
  public void whatCannotBeDiscardedStopsTheRunInACheckpoint() throws IOException {
    String run = "stuck:" + folder.resolve("stuck");
    String[] settings = {"averaging.inner-state = local", "training.checkpoint-every = 100"};

    UndeletingFileSystem.stuck = "round-00000001";
    assertThatThrownBy(() -> job(settings).start(uri("dataset"), run))
        .isInstanceOf(RunStoppedException.class)
        .hasMessageContainingAll(
            "Stopped in round 3 of 6", "round-00000001 is stuck", "checkpoint round-00000002 has");
    UndeletingFileSystem.stuck = "";
    job(settings).resume(uri("dataset"), run, Set.of());

    assertThat(new Checkpoints(hadoop(), run).names())
        .containsExactly("round-00000002", "round-00000006");
    assertThat(checkpoints("stuck").resolve("round-00000001")).doesNotExist();
  }

  @Test
  public void aDriverOutOfMemoryStopsTheRunInACheckpointToo() {
    String run = "stuck:" + folder.resolve("starved");
    UndeletingFileSystem.stuck = "round-00000001";
    UndeletingFileSystem.starved = true;
    try {
      assertThatThrownBy(
              () ->
                  job("averaging.inner-state = local", "training.checkpoint-every = 100")
                      .start(uri("dataset"), run))
          .isInstanceOf(RunStoppedException.class)
          .hasMessageContainingAll(
              "the driver ran out of memory (give it more by --driver-memory): Java heap space",
              "checkpoint round-00000002 has");
    } finally {
      UndeletingFileSystem.stuck = "";
      UndeletingFileSystem.starved = false;
    }
  }

  /** The files of this machine, of which one folder cannot be deleted. */
  public static final class UndeletingFileSystem extends RawLocalFileSystem {

    private static volatile String stuck = "";
    private static volatile boolean starved;

    @Override
    public URI getUri() {
      return URI.create("stuck:///");
    }

    @Override
    public boolean delete(org.apache.hadoop.fs.Path path, boolean recursive) throws IOException {
      if (path.getName().equals(stuck)) {
        if (starved) {
          throw new OutOfMemoryError("Java heap space");
        }
        throw new IOException(path + " is stuck");
      }
      return super.delete(path, recursive);
    }
  }

  private void start(String name, String... settings) throws IOException {
    job(settings).start(uri("dataset"), uri(name));
    assertThat(new Checkpoints(hadoop(), uri(name)).names()).hasSize(6);
  }

  private PretrainJob job(String... settings) {
    return new PretrainJob(spark, configuration(settings));
  }

  private Checkpoint newest(String run) throws IOException {
    return new Checkpoints(hadoop(), uri(run)).newest(message -> {}).orElseThrow();
  }

  private ParameterVector model(String run, long round) throws IOException {
    return Checkpoints.model(hadoop(), uri(run + "/checkpoints/" + Checkpoints.name(round)))
        .parameters();
  }

  /** Takes checkpoints away, as if the run had been killed before them. */
  private void forget(String run, long... rounds) throws IOException {
    for (long round : rounds) {
      Files.delete(checkpoints(run).resolve(Checkpoints.name(round)).resolve("manifest.json"));
    }
  }

  private List<JsonObject> lines(String run, String kind) throws IOException {
    return MetricsLog.read(hadoop(), uri(run)).stream()
        .filter(line -> line.get("kind").getAsString().equals(kind))
        .toList();
  }

  private List<String> heldOut(String... settings) {
    return Holdout.of(index("dataset").clips(), configuration(settings).training())
        .validation()
        .stream()
        .map(clip -> clip.personId())
        .distinct()
        .toList();
  }

  private ClipIndex index(String dataset) {
    return ClipIndex.read(spark, FaceVideoDataset.open(spark, uri(dataset)));
  }

  /** Makes a person's frames unreadable. */
  private void damage(String dataset, String person) throws IOException {
    Set<String> files =
        index(dataset).clips().stream()
            .filter(clip -> clip.personId().equals(person))
            .map(clip -> clip.location().rowGroup().file())
            .collect(Collectors.toSet());
    for (String file : files) {
      ColumnChunkMetaData frames = frames(file);
      Path path = Path.of(URI.create(file));
      try (RandomAccessFile bytes = new RandomAccessFile(path.toFile(), "rw")) {
        bytes.seek(frames.getStartingPos());
        bytes.write(new byte[(int) frames.getTotalSize()]);
      }
      Files.deleteIfExists(path.resolveSibling("." + path.getFileName() + ".crc"));
    }
  }

  private ColumnChunkMetaData frames(String file) throws IOException {
    try (ParquetFileReader reader =
        ParquetFileReader.open(
            HadoopInputFile.fromPath(new org.apache.hadoop.fs.Path(URI.create(file)), hadoop()))) {
      return reader.getFooter().getBlocks().get(0).getColumns().stream()
          .filter(column -> column.getPath().toDotString().startsWith("images"))
          .findFirst()
          .orElseThrow();
    }
  }

  private void copy(String from, String to) throws IOException {
    Path source = folder.resolve(from);
    try (Stream<Path> files = Files.walk(source)) {
      for (Path file : files.toList()) {
        Files.copy(file, folder.resolve(to).resolve(source.relativize(file).toString()));
      }
    }
  }

  private Path checkpoints(String run) {
    return folder.resolve(run).resolve("checkpoints");
  }

  private String uri(String name) {
    return "file://" + folder.resolve(name);
  }

  private Configuration hadoop() {
    return spark.sessionState().newHadoopConf();
  }

  /** Six rounds of two steps on the clips of three people. */
  private static MienConfiguration configuration(String... settings) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "model { image = 56, patch = 14, frames = 2, encoder { width = 32, depth = 1,"
                    + " heads = 2 }, decoder { width = 16, depth = 1, heads = 2 } }",
                "training { replicas = 2, batch-size = 1, local-steps = 2, epochs = 4, stride = 1,"
                    + " windows-per-clip = 1, seed = 31, validation-fraction = 0.01,"
                    + " validate-every = 100, checkpoint-every = 1, checkpoints-kept = 9 }"));
    all.addAll(List.of(settings));
    return MienConfiguration.load(Optional.of("tiny"), Optional.empty(), all);
  }
}
