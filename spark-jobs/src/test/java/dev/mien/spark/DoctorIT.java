package dev.mien.spark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.spark.TestCluster.Ended;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** {@code mien doctor} on a cluster that has the settings of a shared one. */
public class DoctorIT {

  private Path folder;
  private TestCluster cluster;

  @BeforeClass
  public void start() throws IOException {
    folder = Files.createTempDirectory("doctor");
    cluster = TestCluster.start(folder.resolve("cluster"), 2, "2g");
  }

  @AfterClass(alwaysRun = true)
  public void stop() {
    if (cluster != null) {
      cluster.close();
    }
  }

  @Test
  public void aClusterWithThePresetsEncryptionIsWell() throws Exception {
    Path history = Files.createDirectory(folder.resolve("history"));
    List<String> options = TestCluster.shared(history);
    options.addAll(
        List.of(
            "--conf",
            "spark.executor.memory=600m",
            "--conf",
            "spark.executor.instances=2",
            "--conf",
            "spark.scheduler.maxRegisteredResourcesWaitingTime=10m"));
    Path dataset = folder.resolve("new/dataset");

    Ended ended = cluster.run(options, List.of("doctor", "--dataset", dataset.toString()));

    assertThat(ended.exit()).as(ended.said()).isZero();
    assertThat(ended.said())
        .contains("driver\n", "executor 0 on 127.0.0.1", "executor 1 on 127.0.0.1")
        .containsPattern("ok +executors +2 registered")
        .containsPattern("ok +Java +17")
        .containsPattern("ok +FFmpeg .*decodes h264, hevc, vp8, vp9, av1, mjpeg, mpeg4")
        .containsPattern("ok +face models")
        .containsPattern("ok +PyTorch +2\\.7\\.1")
        .containsPattern("ok +dataset .*written, read and deleted")
        .doesNotContain("failed");
    assertThat(folder.resolve("new")).doesNotExist();
    try (Stream<Path> events = Files.walk(history)) {
      assertThat(events.filter(Files::isRegularFile)).isNotEmpty();
    }
  }

  @Test
  public void whatIsAmissIsNamedWithWhatToDo() throws Exception {
    Path dataset = Files.createFile(folder.resolve("file")).resolve("dataset");

    Ended ended =
        cluster.run(
            List.of(
                "--conf",
                "spark.executor.memory=600m",
                "--conf",
                "spark.executor.instances=3",
                "--conf",
                "spark.scheduler.maxRegisteredResourcesWaitingTime=1s"),
            List.of(
                "doctor",
                "--dataset",
                dataset.toString(),
                "--set",
                "training.device=gpu",
                "--set",
                "preprocessing.isolation.memory-limit=4000GiB"));

    assertThat(ended.exit()).as(ended.said()).isOne();
    assertThat(ended.said())
        .containsPattern("failed +executors +[0-2] of spark.executor.instances=3 registered")
        .containsPattern("failed +GPU +none seen, training.device = gpu\n +-> install NVIDIA")
        .containsPattern("failed +memory .*\n +-> .*preprocessing.isolation.memory-limit")
        .containsPattern("failed +dataset .*\n +-> check the address");
  }

  @Test(timeOut = 300_000)
  public void aClusterThatGivesNoExecutorIsNotWaitedForWithoutEnd() throws Exception {
    Ended ended =
        cluster.run(
            List.of(
                "--conf",
                "spark.executor.memory=64g",
                "--conf",
                "spark.scheduler.maxRegisteredResourcesWaitingTime=1s"),
            List.of("doctor"));

    assertThat(ended.exit()).as(ended.said()).isOne();
    assertThat(ended.said())
        .containsPattern("the cluster\n +failed +executors +none came within 1 s")
        .containsPattern("-> see what the cluster manager says: .*spark.executor.memory");
  }
}
