package dev.mien.spark.preprocess;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.spark.LocalSpark;
import dev.mien.spark.TestVideos;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.FaceVideoDataset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** VoxCeleb's boxes for videos that were preprocessed without. */
public class LateBoxesTest {

  private static final MienConfiguration TINY =
      MienConfiguration.load(Optional.of("tiny"), Optional.empty(), List.of());

  private static final String BOXES =
      "Identity  : \tid00012\n\nFRAME \tX \tY \tW \tH \n000000 \t0.25 \t0.1 \t0.4 \t0.6 \n";

  private SparkSession spark;
  private Path folder;
  private Path video;
  private PreprocessInputs without;
  private PreprocessInputs with;

  @BeforeClass
  public void preprocessWithout() throws Exception {
    spark = LocalSpark.open(TINY);
    folder = Files.createTempDirectory("boxes").toRealPath();
    video = folder.resolve("in/id00012/talk/00001.mp4");
    Files.createDirectories(video.getParent());
    TestVideos.copy(TestVideos.CAP12, video, "mp4", 20, 1);
    TestVideos.copy(TestVideos.CAP13, folder.resolve("in/id00012/talk/00002.mp4"), "mp4", 20, 1);
    TestVideos.copy(TestVideos.CAP12, folder.resolve("in/holiday.mp4"), "mp4", 16, 1);
    Path boxes = Files.createDirectories(folder.resolve("boxes/id00012/talk"));
    Files.writeString(boxes.resolve("00001.txt"), BOXES);
    without = PreprocessInputs.of(folder.resolve("in").toUri().toString());
    with =
        new PreprocessInputs(
            without.trees(),
            List.of(),
            Optional.of(folder.resolve("boxes").toUri().toString()),
            Retry.PREVENTED);
    assertThat(job().run(without, uri()).outcomes()).containsEntry("processed", 3L);
  }

  @AfterClass(alwaysRun = true)
  public void stop() {
    spark.stop();
  }

  @Test
  public void videosThatMayHaveBoxesArePreprocessedAgainOnce() throws IOException {
    assertThat(boxes()).containsExactly(null, null, null);
    Files.setLastModifiedTime(video, FileTime.fromMillis(86_400_000)); // which hides nothing
    assertThat(job().plan(with, uri()))
        .contains("       1 made without looking for boxes", "       1 changed, or touched");

    PreprocessSummary summary = job().run(with, uri());

    assertThat(summary.outcomes()).containsEntry("processed", 2L);
    assertThat(summary.refreshed()).isZero();
    assertThat(summary.problems()).containsEntry("no boxes", 1L);
    assertThat(boxes())
        .satisfiesExactly(
            none -> assertThat(none).as("of a name that is none of VoxCeleb's").isNull(),
            found -> assertThat(found).as("sha256").hasSize(64),
            missing -> assertThat(missing).isEmpty());
    assertThat(job().run(with, uri()).unchanged()).isEqualTo(3);
    assertThat(job().run(without, uri()).unchanged()).isEqualTo(3);
  }

  private PreprocessJob job() {
    return new PreprocessJob(spark, TINY);
  }

  private List<String> boxes() {
    return FaceVideoDataset.open(spark, uri()).videos().orderBy("uri").collectAsList().stream()
        .map(row -> row.<String>getAs("boxes"))
        .toList();
  }

  private String uri() {
    return folder.resolve("dataset").toUri().toString();
  }
}
