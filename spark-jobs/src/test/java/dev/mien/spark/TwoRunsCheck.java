package dev.mien.spark;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.FaceVideoDataset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/**
 * Two processes that make and fill one dataset at the same time. A command of its own: {@code mvn
 * -Pchecks verify -Dit.test=TwoRunsCheck}.
 */
public class TwoRunsCheck {

  private Path folder;
  private SparkSession spark;

  @BeforeClass
  public void makeInputs() throws Exception {
    folder = Files.createTempDirectory("two-runs").toRealPath();
    Path left = Files.createDirectories(folder.resolve("left/id00001/first"));
    Path right = Files.createDirectories(folder.resolve("right/id00002/second"));
    TestVideos.copy(TestVideos.CAP12, left.resolve("00001.mp4"), "mp4", 30, 1);
    TestVideos.copy(TestVideos.CAP12, left.resolve("00002.mp4"), "mp4", 40, 1);
    Files.createFile(left.resolve("00003.mp4"));
    TestVideos.copy(TestVideos.CAP13, right.resolve("00001.mp4"), "mp4", 30, 1);
    TestVideos.copy(TestVideos.CAP13, right.resolve("00002.mp4"), "mp4", 40, 1);
    Path boxes = Files.createDirectories(folder.resolve("boxes/id00001/first"));
    Files.writeString(boxes.resolve("00001.txt"), "torn");
    spark =
        LocalSpark.open(MienConfiguration.load(Optional.of("tiny"), Optional.empty(), List.of()));
  }

  @AfterClass(alwaysRun = true)
  public void stop() {
    spark.stop();
  }

  @Test
  public void bothMakeTheDatasetAndPublishTheirVideosOnce() throws Exception {
    MienProcess left = preprocess("left", "--boxes", uri("boxes"));
    MienProcess right = preprocess("right");

    assertThat(left.exit()).as("a third of its videos failed: %s", left.said()).isEqualTo(3);
    assertThat(right.exit()).as(right.said()).isZero();
    FaceVideoDataset dataset = FaceVideoDataset.open(spark, uri("dataset"));
    List<Row> clips =
        dataset
            .videos()
            .select("video_id", "uri", "outcome", "clips", "person_id", "source_video", "utterance")
            .join(dataset.clips().groupBy("video_id").count(), new String[] {"video_id"}, "left")
            .orderBy("uri")
            .selectExpr(
                "outcome",
                "clips = coalesce(count, 0)",
                "concat_ws('/', person_id, source_video, utterance)")
            .collectAsList();
    assertThat(clips)
        .extracting(row -> row.getString(0) + " " + row.getBoolean(1) + " " + row.getString(2))
        .containsExactly(
            "processed true id00001/first/00001",
            "processed true id00001/first/00002",
            "quarantined true id00001/first/00003",
            "processed true id00002/second/00001",
            "processed true id00002/second/00002");
    assertThat(dataset.clips().count())
        .isEqualTo(dataset.clips().select("clip_id").distinct().count())
        .isEqualTo(4);
    assertThat(dataset.tracks().count()).isEqualTo(4);
    JsonObject summary =
        JsonParser.parseString(Files.readString(folder.resolve("left.json"))).getAsJsonObject();
    assertThat(summary.get("outcomes"))
        .hasToString("{\"processed\":2,\"quarantined: empty file\":1}");
    assertThat(summary.get("problems")).hasToString("{\"malformed boxes\":1,\"no boxes\":2}");
  }

  private MienProcess preprocess(String name, String... more) throws IOException {
    List<String> command = new ArrayList<>(List.of("preprocess"));
    command.addAll(List.of("--input", uri(name), "--dataset", uri("dataset")));
    command.addAll(List.of("--summary", uri(name + ".json")));
    command.addAll(List.of("--set", "dataset.maximum-failed-share = 0.3"));
    command.addAll(List.of(more));
    return MienProcess.start(folder.resolve(name + ".log"), Map.of(), command);
  }

  private String uri(String name) {
    return folder.resolve(name).toUri().toString();
  }
}
