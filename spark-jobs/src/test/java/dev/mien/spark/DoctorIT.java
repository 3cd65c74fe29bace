package dev.mien.spark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.spark.TestCluster.Ended;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** {@code mien doctor} on a cluster that has the settings of a shared one. */
public class DoctorIT {

  private static final List<String> SIZES =
      List.of(
          "spark.driver.memory",
          "spark.executor.cores",
          "spark.executor.memory",
          "spark.executor.memoryOverhead");
  private static final String FALLBACK = "spark.network.crypto.saslFallback";

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
    List<String> options = preset("cluster.properties");
    options.addAll(List.of("--conf", "spark.eventLog.dir=" + history.toUri()));
    options.addAll(List.of("--conf", "spark.executor.memory=600m"));
    Path dataset = folder.resolve("new/dataset");

    Ended ended = cluster.run(options, List.of("doctor", "--dataset", dataset.toString()));

    assertThat(ended.exit()).as(ended.said()).isZero();
    assertThat(ended.said())
        .contains("driver\n", "executor 0 on 127.0.0.1", "executor 1 on 127.0.0.1")
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
            List.of("--conf", "spark.executor.memory=600m"),
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
        .containsPattern("failed +GPU +none seen, training.device = gpu\n +-> install NVIDIA")
        .containsPattern("failed +memory .*\n +-> .*preprocessing.isolation.memory-limit")
        .containsPattern("failed +dataset .*\n +-> check the address");
  }

  /** A preset's settings, as options of {@code spark-submit}, but for those of a larger machine. */
  private static List<String> preset(String name) throws IOException {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(Path.of("../conf/spark", name))) {
      properties.load(reader);
    }
    SIZES.forEach(properties::remove);
    properties.remove(FALLBACK); // this cluster's master does not encrypt
    List<String> options = new ArrayList<>();
    properties.forEach((key, value) -> options.addAll(List.of("--conf", key + "=" + value)));
    return options;
  }
}
