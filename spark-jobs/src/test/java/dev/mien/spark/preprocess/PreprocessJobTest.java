package dev.mien.spark.preprocess;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.spark.LocalSpark;
import dev.mien.spark.TestVideos;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.DatasetVersion;
import dev.mien.spark.dataset.FaceVideoDataset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.SparkSession;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** Nights of one dataset, over the first seconds of the samples. */
public class PreprocessJobTest {

  /** A name as recorders give, whose colons Hadoop takes for the end of a URI's scheme. */
  private static final String B = "b 16:00:00.mp4";

  private SparkSession spark;
  private Path folder;
  private Path input;

  @BeforeClass
  public void start() throws Exception {
    spark = LocalSpark.open(configuration());
    folder = Files.createTempDirectory("nights").toRealPath();
    input = Files.createDirectories(folder.resolve("input"));
    TestVideos.copy(TestVideos.CAP12, input.resolve("a.mp4"), "mp4", 40, 1);
    TestVideos.copy(TestVideos.CAP13, input.resolve(B), "mp4", 40, 1);
    Files.copy(input.resolve("a.mp4"), input.resolve("copy-of-a.mp4"));
    Files.writeString(input.resolve("notes.txt"), "no video");
  }

  @AfterClass(alwaysRun = true)
  public void stop() {
    spark.stop();
  }

  @Test
  public void aDryRunWritesNothing() throws IOException {
    String text = job().plan(inputs(), uri());

    assertThat(text)
        .contains("Would preprocess 3 videos")
        .contains("a guess, as the dataset has no video to go by")
        .contains("       3 new")
        .contains("       1 files are no videos by their names, unless listed: .txt");
    assertThat(folder.resolve("dataset")).doesNotExist();
  }

  @Test(dependsOnMethods = "aDryRunWritesNothing")
  public void theFirstNightPreprocessesAll() throws IOException {
    PreprocessSummary summary = job().run(inputs(), uri());

    assertThat(summary.outcomes())
        .containsExactly(
            Map.entry("processed", 2L), Map.entry("rejected: same content as another", 1L));
    assertThat(summary.clips()).isEqualTo(2);
    assertThat(summary.frames()).isEqualTo(120);
    assertThat(summary.otherFiles()).containsExactly(Map.entry(".txt", 1L));
    assertThat(folder.resolve("dataset/summaries/version-%06d.json".formatted(version().videos())))
        .hasContent(summary.namelessJson());
    assertThat(summary.json()).contains("slowest", B);
    assertThat(summary.namelessJson()).contains("outcomes").doesNotContain("slowest", ".mp4");
    assertThat(job().plan(inputs(), uri()))
        .contains("Would preprocess 0 videos")
        .contains("by what 2 videos of the dataset took")
        .contains("       3 unchanged");
  }

  @Test(dependsOnMethods = "theFirstNightPreprocessesAll")
  public void aTouchedVideoIsNotPreprocessedAgain() throws IOException {
    DatasetVersion before = version();
    Files.setLastModifiedTime(input.resolve(B), FileTime.fromMillis(86_400_000));

    PreprocessSummary summary = job().run(inputs(), uri());

    assertThat(summary.outcomes()).isEmpty();
    assertThat(summary.refreshed()).isEqualTo(1);
    assertThat(version().clips()).isEqualTo(before.clips());
    assertThat(version().videos()).isGreaterThan(before.videos());
    DatasetVersion refreshed = version();
    assertThat(job().run(inputs(), uri()).unchanged()).isEqualTo(3);
    assertThat(version()).isEqualTo(refreshed);
  }

  @Test(dependsOnMethods = "aTouchedVideoIsNotPreprocessedAgain")
  public void aCopyIsPreprocessedInTheNightThatItsOriginalChanges() throws Exception {
    Path other = TestVideos.copy(TestVideos.CAP12, folder.resolve("other.mp4"), "mp4", 60, 1);
    Files.move(other, input.resolve("a.mp4"), StandardCopyOption.REPLACE_EXISTING);

    PreprocessSummary summary = job().run(inputs(), uri());

    assertThat(summary.outcomes()).containsExactly(Map.entry("processed", 2L));
    assertThat(summary.unchanged()).isEqualTo(1);
    assertThat(dataset().clips().count()).isEqualTo(3);
    assertThat(
            dataset()
                .clips()
                .join(dataset().videos().where("outcome = 'processed'"), "video_id")
                .select("uri")
                .distinct()
                .as(Encoders.STRING())
                .collectAsList())
        .hasSize(3);
  }

  @Test(dependsOnMethods = "aCopyIsPreprocessedInTheNightThatItsOriginalChanges")
  public void aListedVideoThatIsNotThereKeepsItsClips() throws IOException {
    Path list = Files.createDirectories(folder.resolve("lists")).resolve("list.csv");
    Files.writeString(
        list, "uri\n%1$s/a.mp4\n%1$s/%2$s\n%1$s\n../input/copy-of-a.mp4\n".formatted(input, B));
    PreprocessInputs listed =
        new PreprocessInputs(
            List.of(input + "/copy-of-a.mp4"),
            List.of(list.toUri().toString()),
            Optional.empty(),
            Retry.PREVENTED);
    Path away = Files.move(input.resolve(B), folder.resolve("away.mp4"));
    long clips = dataset().clips().count();

    PreprocessSummary summary = job().run(listed, uri());

    Files.move(away, input.resolve(B));
    assertThat(dataset().clips().count()).isEqualTo(clips);
    assertThat(summary.kept()).containsExactly(Map.entry("missing file", 1L));
    assertThat(summary.unchanged()).isEqualTo(2);
    assertThat(summary.outcomes()).containsExactly(Map.entry("quarantined: not a file", 1L));
    assertThat(job().plan(listed, uri())).contains("Would preprocess 0 videos");
  }

  @Test(dependsOnMethods = "aListedVideoThatIsNotThereKeepsItsClips")
  public void aVideoThatCannotBeReadKeepsItsClips() throws Exception {
    Path away = Files.move(input.resolve(B), folder.resolve("away.mp4"));
    new ProcessBuilder("mkfifo", input.resolve(B).toString()).inheritIO().start().waitFor();
    List<String> before = dataset().videos().toJSON().collectAsList();
    long clips = dataset().clips().count();

    PreprocessSummary summary = job().run(inputs(), uri());

    Files.move(away, input.resolve(B), StandardCopyOption.REPLACE_EXISTING);
    assertThat(summary.prevented()).containsExactly(Map.entry("cannot be read", 1L));
    assertThat(summary.outcomes()).isEmpty();
    assertThat(summary.failedShare()).isEqualTo(1);
    assertThat(dataset().videos().toJSON().collectAsList())
        .containsExactlyInAnyOrderElementsOf(before);
    assertThat(dataset().clips().count()).isEqualTo(clips);
  }

  @Test(dependsOnMethods = "aVideoThatCannotBeReadKeepsItsClips")
  public void changedSettingsAreNamed() throws IOException {
    String text = job("preprocessing.clip.jpeg-quality = 80").plan(inputs(), uri());

    assertThat(text)
        .contains("       3 made by other settings")
        .contains("3 videos to redo were made by other settings:")
        .contains("  clip.jpeg-quality: 92 -> 80");
    assertThat(text.lines().filter(line -> line.contains("->"))).hasSize(1);
  }

  @Test(dependsOnMethods = "changedSettingsAreNamed")
  public void whatARowSaysHoldsForTheFileThatAnInputFinds() throws IOException {
    Path list = folder.resolve("lists/people.csv");
    Files.writeString(list, "uri,person_id\n../input/a.mp4,Ada\n");
    PreprocessInputs listed =
        new PreprocessInputs(
            List.of(input + "/a.mp4"),
            List.of(list.toUri().toString()),
            Optional.empty(),
            Retry.PREVENTED);

    PreprocessSummary summary = job().run(listed, uri());

    assertThat(summary.outcomes()).containsExactly(Map.entry("processed", 1L));
    assertThat(summary.problems())
        .containsExactly(Map.entry("a list's row that names no file", 1L));
    assertThat(
            dataset()
                .clips()
                .where("person_id = 'Ada'")
                .join(dataset().videos(), "video_id")
                .select("uri")
                .distinct()
                .as(Encoders.STRING())
                .collectAsList())
        .containsExactly("file:" + input + "/a.mp4");
    assertThat(job().plan(listed, uri())).contains("Would preprocess 0 videos");
  }

  private PreprocessJob job(String... settings) {
    return new PreprocessJob(spark, configuration(settings));
  }

  private static MienConfiguration configuration(String... settings) {
    return MienConfiguration.load(Optional.of("tiny"), Optional.empty(), List.of(settings));
  }

  private PreprocessInputs inputs() {
    return PreprocessInputs.of(input.toUri().toString());
  }

  private FaceVideoDataset dataset() {
    return FaceVideoDataset.open(spark, uri());
  }

  private DatasetVersion version() {
    return dataset().version();
  }

  private String uri() {
    return folder.resolve("dataset").toUri().toString();
  }
}
