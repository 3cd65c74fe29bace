package dev.mien.spark.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.mien.spark.BriefJava;
import dev.mien.spark.TestVideos;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.testng.annotations.Test;

/** A night of {@code deploy/schedule} on the cluster that {@code deploy/standalone} starts. */
public class StandaloneNightCheck extends StandaloneFixture {

  @Test
  public void aNightOnTheStandaloneClusterTellsOfTooManyFailures() throws Exception {
    Path videos = Files.createDirectories(folder.resolve("videos/id90001/cap12"));
    TestVideos.copy(TestVideos.CAP12, videos.resolve("00001.mp4"), "mp4", 40, 1);
    Files.writeString(videos.resolve("00002.mp4"), "This is not a video.");
    Path old = Files.createDirectories(folder.resolve("state/reports")).resolve("old.html");
    Files.writeString(old, "A report.");
    Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofDays(9))));
    Path settings =
        settings(
            "submit=(--driver-memory 1g --executor-memory 1g --total-executor-cores 1"
                + " --conf spark.sql.shuffle.partitions=1"
                + " --conf spark.databricks.delta.snapshotPartitions=1"
                + " --conf spark.sql.codegen.wholeStage=false"
                + " --conf spark.sql.codegen.factoryMode=NO_CODEGEN"
                + " --conf 'spark.executor.extraJavaOptions="
                + BriefJava.OPTIONS
                + "')",
            "job=(--set 'training.seed = 7')",
            "keep_days=7");

    Script.Ended night = Script.run(environment, "schedule/nightly", settings.toString());
    assertThat(night.exit()).as(night.said()).isEqualTo(3);

    Path summary = only("state/summaries");
    JsonObject outcomes =
        JsonParser.parseString(Files.readString(summary))
            .getAsJsonObject()
            .getAsJsonObject("outcomes");
    assertThat(outcomes.get("processed").getAsInt()).isEqualTo(1);
    assertThat(outcomes.size()).isEqualTo(2);
    assertThat(only("state/reports").toString()).doesNotEndWith("old.html");
    assertThat(Files.readString(folder.resolve("state/reports/latest.html"))).contains("<html");
    assertThat(Files.readString(folder.resolve("told")))
        .isEqualTo("3 preprocess " + summary + "\n");
  }

  /** The one file there, but for the newest's link and Hadoop's checksums. */
  private Path only(String name) throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve(name))) {
      List<Path> found =
          files
              .filter(file -> !Files.isSymbolicLink(file))
              .filter(file -> !file.getFileName().toString().endsWith(".crc"))
              .toList();
      assertThat(found).hasSize(1);
      return found.get(0);
    }
  }
}
