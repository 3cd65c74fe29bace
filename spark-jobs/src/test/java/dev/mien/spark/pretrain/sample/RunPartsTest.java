package dev.mien.spark.pretrain.sample;

import static dev.mien.spark.dataset.StoredRows.processed;
import static dev.mien.spark.dataset.StoredRows.publish;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mien.spark.CountingFileSystem;
import dev.mien.spark.LocalSpark;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.config.ValidationUnit;
import dev.mien.spark.dataset.Erasure;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.TestDatasets;
import dev.mien.spark.dataset.clip.ClipIndex;
import dev.mien.spark.run.Manifest;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.apache.hadoop.fs.FileUtil;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.testng.annotations.AfterClass;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/** A run was trained on one person, with tracks held out, and then a second one came. */
public class RunPartsTest {

  private static final MienConfiguration RUN =
      MienConfiguration.load(
          Optional.of("tiny"),
          Optional.empty(),
          List.of("model { frames = 2, tubelet = 2 }", "training.stride = 1"));

  private SparkSession spark;
  private Path grown;
  private Path folder;
  private FaceVideoDataset then;
  private FaceVideoDataset now;

  @BeforeClass
  public void grow() throws IOException {
    spark = LocalSpark.open(RUN);
    grown = Files.createTempDirectory("parts");
    FaceVideoDataset first =
        publish(
            spark,
            TestDatasets.empty(spark, grown.toString()),
            IntStream.range(0, 8)
                .mapToObj(i -> processed(i + ".mp4", "video" + i, "first"))
                .toArray(Row[]::new));
    publish(
        spark,
        first,
        processed("second.mp4", "other", "second"),
        processed("0.mp4", "video0-again", "first"));
  }

  @AfterClass(alwaysRun = true)
  public void stop() {
    spark.stop();
    FileUtil.fullyDelete(grown.toFile());
  }

  @BeforeMethod
  public void copy() throws IOException {
    folder = Files.createTempDirectory("parts");
    FileUtils.copyDirectory(grown.toFile(), folder.toFile());
    then = FaceVideoDataset.open(spark, folder.toString(), 1);
    now = FaceVideoDataset.open(spark, folder.toString());
  }

  @AfterMethod(alwaysRun = true)
  public void remove() {
    FileUtil.fullyDelete(folder.toFile());
  }

  @Test
  public void theVersionThatARunWasTrainedOnIsParted() throws IOException {
    Holdout trained = Holdout.of(ClipIndex.read(spark, then).clips(), RUN);

    RunParts run = open(folder.toString());

    assertThat(run.dataset().version()).isEqualTo(then.version());
    assertThat(run.parts()).isEqualTo(trained);
    assertThat(run.parts().unit()).isEqualTo(ValidationUnit.TRACKS);
    assertThat(run.parts().validation()).isNotEmpty();
    assertThat(run.doubt()).isEmpty();
  }

  @Test
  public void eachFileOfTheClipsIsOpenedOnce() throws IOException {
    List<String> files =
        Stream.of(then.clips().inputFiles()).map(file -> URI.create(file).getPath()).toList();

    assertThat(CountingFileSystem.clipsOpened(spark, () -> open(folder.toString())))
        .isNotEmpty()
        .containsExactlyInAnyOrderElementsOf(files);
  }

  @Test
  public void aDatasetIsTheSameHoweverItIsSpelled() throws IOException {
    for (String spelled : List.of("file:" + folder, "file://" + folder + "/", folder + "//")) {
      assertThat(open(spelled).doubt()).as(spelled).isEmpty();
    }
    assertThat(open("file:" + folder + "/elsewhere").doubt())
        .isEqualTo(
            "the run was trained on another dataset, file:%s/elsewhere: clips that it was trained on"
                    .formatted(folder)
                + " may be among those held out");
    assertThat(open("").doubt()).startsWith("the model does not say what it was trained on: clips");
  }

  @Test
  public void anotherDatasetIsPartedWholeWhateverTheRunsSubset() throws IOException {
    MienConfiguration ofSubset =
        MienConfiguration.load(
            Optional.of("tiny"),
            Optional.empty(),
            List.of("model { frames = 2, tubelet = 2 }", "training { stride = 1, subset = few }"));

    RunParts run =
        RunParts.open(spark, folder.toString(), manifest("hdfs://elsewhere", ofSubset.source()));

    assertThat(run.parts()).isEqualTo(Holdout.of(ClipIndex.read(spark, now).clips(), RUN));
    assertThat(run.doubt())
        .isEqualTo(
            "the run was trained on subset few of another dataset, hdfs://elsewhere, and the parts"
                + " are drawn from all clips of this one: clips that it was trained on may be among"
                + " those held out");
  }

  @Test
  public void aVersionWithoutItsFilesIsSaidToBeGone() throws IOException {
    for (Path file : clipsOfThen()) {
      Files.delete(file);
    }

    RunParts run = open(folder.toString());

    assertThat(run.dataset().version()).isEqualTo(now.version());
    assertThat(run.doubt()).startsWith("the run was trained on version 1, which cannot be read");
  }

  @Test
  public void aVersionThatCannotBeReadIsNotTakenForGone() throws IOException {
    for (Path file : clipsOfThen()) {
      Files.writeString(file, "not as it was written");
      Files.deleteIfExists(file.resolveSibling("." + file.getFileName() + ".crc"));
    }

    assertThatThrownBy(() -> open(folder.toString()))
        .hasStackTraceContaining("is not a Parquet file");
  }

  /** Files that the newest version does without. */
  private List<Path> clipsOfThen() {
    List<String> files = new ArrayList<>(List.of(then.clips().inputFiles()));
    files.removeAll(List.of(now.clips().inputFiles()));
    assertThat(files).isNotEmpty();
    return files.stream().map(file -> Path.of(URI.create(file))).toList();
  }

  @Test
  public void anErasedVersionIsSaidToBeGone() throws IOException {
    FaceVideoDataset erased =
        new Erasure(spark, now).run(List.of("file:/in/1.mp4"), List.of("video1"));

    RunParts run = open(folder.toString());

    assertThat(run.dataset().version()).isEqualTo(erased.version());
    assertThat(run.doubt())
        .startsWith("the run was trained on version 1, which cannot be read any more (Dataset ");
  }

  private RunParts open(String trainedOn) throws IOException {
    return RunParts.open(spark, folder.toString(), manifest(trainedOn, RUN.source()));
  }

  private Manifest manifest(String dataset, String configuration) {
    return new Manifest(
        Manifest.FORMAT,
        1,
        1,
        1L,
        "test",
        dataset,
        then.version().videos(),
        List.of(),
        Map.of(),
        1,
        configuration,
        "",
        "",
        Map.of(),
        Map.of());
  }
}
