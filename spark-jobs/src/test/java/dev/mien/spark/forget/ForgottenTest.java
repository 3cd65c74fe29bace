package dev.mien.spark.forget;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mien.spark.LocalSpark;
import dev.mien.spark.TestVideos;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.ConcurrentPublicationException;
import dev.mien.spark.dataset.ErasureMark;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.preprocess.PreprocessInputs;
import dev.mien.spark.preprocess.PreprocessJob;
import dev.mien.spark.preprocess.PreprocessSummary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** A person is erased from a dataset of real video, and comes again in every way there is. */
public class ForgottenTest {

  private static final MienConfiguration TINY =
      MienConfiguration.load(Optional.of("tiny"), Optional.empty(), List.of());

  private SparkSession spark;
  private Path folder;
  private Path video;

  @BeforeClass
  public void start() throws Exception {
    spark = LocalSpark.open(TINY);
    folder = Files.createTempDirectory("forgotten").toRealPath();
    video = folder.resolve("in/dev/mp4/id00012/first/00001.mp4");
    Files.createDirectories(video.getParent());
    TestVideos.copy(TestVideos.CAP12, video, "mp4", 25, 1);
    Path other = folder.resolve("in/dev/mp4/id00013/first/00001.mp4");
    Files.createDirectories(other.getParent());
    TestVideos.copy(TestVideos.CAP13, other, "mp4", 25, 1);
    assertThat(preprocess().outcomes()).containsExactly(Map.entry("processed", 2L));
  }

  @AfterClass(alwaysRun = true)
  public void stop() {
    spark.stop();
  }

  @Test
  public void theForgottenAreNotTakenInAgainUnderAnyName() throws IOException {
    job().run(new Subject.Person("id00012"));
    copyTo("id00012/second/00001.mp4");
    copyTo("id00014/first/00001.mp4");
    copyTo("unknown.mp4");

    PreprocessSummary summary = preprocess();

    assertThat(summary.forgotten()).as("of the person by name").isEqualTo(2);
    assertThat(summary.text()).contains("2 forgotten, not taken in");
    assertThat(summary.outcomes())
        .as("of the person by content alone")
        .containsExactly(Map.entry("rejected: erased content", 2L));
    FaceVideoDataset dataset = FaceVideoDataset.open(spark, uri("dataset"));
    assertThat(
            dataset
                .videos()
                .where("outcome = 'rejected'")
                .select("reason")
                .distinct()
                .as(Encoders.STRING())
                .collectAsList())
        .containsExactly(
            "erased content: a video of the same bytes was forgotten, and stays out until that is"
                + " lifted");
    assertThat(clipsOf(dataset)).containsExactly("id00013");
    assertThat(preprocess().unchanged()).as("the night after").isEqualTo(3);
  }

  @Test(dependsOnMethods = "theForgottenAreNotTakenInAgainUnderAnyName")
  public void theLiftedAreTakenIn() throws IOException {
    assertThatThrownBy(() -> job().lift(new Subject.Person("id00013")))
        .hasMessageContaining("has not forgotten person id00013");

    Subject person = new Subject.Person("id00012");
    ErasureMark killed = ErasureMark.set(spark, uri("dataset"), person.name());
    assertThatThrownBy(() -> job().lift(person))
        .isInstanceOf(ConcurrentPublicationException.class)
        .hasMessageContaining("finish it by the same mien forget again");
    killed.remove();

    job().lift(person);

    assertThat(preprocess().outcomes())
        .containsExactly(
            Map.entry("processed", 1L), Map.entry("rejected: same content as another", 3L));
    assertThat(clipsOf(FaceVideoDataset.open(spark, uri("dataset"))))
        .containsExactly("id00012", "id00013");
  }

  @Test(dependsOnMethods = "theLiftedAreTakenIn")
  public void aVideoGoesAloneAndItsNameIsNotKept() throws IOException {
    FaceVideoDataset dataset = FaceVideoDataset.open(spark, uri("dataset"));
    Row gone =
        dataset.videos().where("person_id = 'id00013'").select("uri", "content_hash").first();
    String hash = gone.getString(1);

    ForgetReport report = job().run(new Subject.Video(gone.getString(0)));

    assertThat(report.text()).startsWith("Forgotten: 1 videos, 1 tracks, 1 clips");
    assertThat(clipsOf(FaceVideoDataset.open(spark, uri("dataset")))).containsExactly("id00012");
    Forgotten forgotten = Forgotten.read(spark, uri("dataset"));
    assertThat(forgotten.includes(gone.getString(0), "id00013")).isTrue();
    assertThat(forgotten.includes("file:/elsewhere/00009.mp4", "id00013")).isFalse();
    assertThat(forgotten.includesContent(hash)).isTrue();
    assertThat(forgotten.includesContent(hash.replace('0', '1'))).isFalse();
    assertThat(spark.read().format("delta").load(uri("dataset/forgotten")).toJSON().collectAsList())
        .as("the video, its content and its id")
        .hasSize(3)
        .noneMatch(row -> row.contains("id00013") || row.contains(hash));
  }

  private void copyTo(String name) throws IOException {
    Path copy = folder.resolve("in/dev/mp4").resolve(name);
    Files.createDirectories(copy.getParent());
    Files.copy(video, copy);
  }

  private List<String> clipsOf(FaceVideoDataset dataset) {
    return dataset
        .clips()
        .select("person_id")
        .distinct()
        .orderBy("person_id")
        .as(Encoders.STRING())
        .collectAsList();
  }

  private PreprocessSummary preprocess() throws IOException {
    return new PreprocessJob(spark, TINY).run(PreprocessInputs.of(uri("in")), uri("dataset"));
  }

  private ForgetJob job() {
    return new ForgetJob(spark, uri("dataset"), List.of(), List.of());
  }

  private String uri(String name) {
    return folder.resolve(name).toUri().toString().replaceAll("/$", "");
  }
}
