package dev.mien.spark;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.mien.spark.TestCluster.Ended;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.fs.FileSystem;
import org.testng.annotations.Test;

/**
 * {@code deploy/yarn/preprocess} on a YARN and an HDFS in this process, with the shipped settings
 * of a cluster; training there is part of {@link RoundsCheck}. A command of its own: {@code mvn
 * -Pchecks verify -Dit.test=YarnPreprocessingCheck}.
 */
public class YarnPreprocessingCheck {

  @Test
  public void videosOfHdfsBecomeClipsThereAndTheExitCodeIsTheJobs() throws Exception {
    Path folder = Files.createTempDirectory("yarn");
    Path summary = folder.resolve("summary.json");
    try (YarnCluster yarn = YarnCluster.start(folder.resolve("cluster"))) {
      FileSystem hdfs = FileSystem.get(yarn.hadoop());
      var input = new org.apache.hadoop.fs.Path("/in");
      hdfs.copyFromLocalFile(
          new org.apache.hadoop.fs.Path(TestVideos.CAP13.toAbsolutePath().toUri()),
          new org.apache.hadoop.fs.Path(input, "id00001/first/00001.mp4"));
      List<String> options =
          List.of(
              "--input",
              yarn.uri("/in"),
              "--dataset",
              yarn.uri("/dataset"),
              "--summary",
              summary.toUri().toString(),
              "--set",
              "dataset.maximum-failed-share=0.4");

      Ended done = yarn.run("preprocess", options);
      assertThat(done.exit()).as(done.said()).isZero();
      JsonObject said = JsonParser.parseString(Files.readString(summary)).getAsJsonObject();
      assertThat(said.get("clips").getAsInt()).as(done.said()).isPositive();
      assertThat(hdfs.listStatus(new org.apache.hadoop.fs.Path("/dataset/clips"))).isNotEmpty();

      hdfs.create(new org.apache.hadoop.fs.Path(input, "id00002/second/00001.mp4")).close();
      Ended tooManyFailed = yarn.run("preprocess", options);
      assertThat(tooManyFailed.exit()).as(tooManyFailed.said()).isEqualTo(3);
    }
  }
}
