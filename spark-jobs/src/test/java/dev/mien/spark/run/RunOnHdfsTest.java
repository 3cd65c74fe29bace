package dev.mien.spark.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.model.train.TrainingState;
import dev.mien.spark.config.MienConfiguration;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** A run's folder on a real HDFS, with a name node and a data node in this process. */
public class RunOnHdfsTest {

  private static final MienConfiguration TINY =
      MienConfiguration.load(
          Optional.of("tiny"),
          Optional.empty(),
          List.of("model { image = 56, patch = 14, encoder.width = 24, decoder.width = 12 }"));

  private MiniDFSCluster hdfs;
  private Configuration hadoop;
  private String run;

  @BeforeClass
  public void start() throws IOException {
    File folder = Files.createTempDirectory("hdfs").toFile();
    hdfs = new MiniDFSCluster.Builder(new Configuration(), folder).numDataNodes(1).build();
    hdfs.waitActive();
    hadoop = hdfs.getConfiguration(0);
    run = hdfs.getFileSystem().getUri() + "/runs/1";
  }

  @AfterClass(alwaysRun = true)
  public void stop() {
    if (hdfs != null) {
      hdfs.shutdown(true);
    }
  }

  @Test
  public void checkpointsAreWrittenReadAndDropped() throws IOException {
    Checkpoints checkpoints = new Checkpoints(hadoop, run);
    for (long round = 1; round <= 3; round++) {
      checkpoints.write(manifest(round), Snapshots.of(TrainingState.initial(TINY.model(), round)));
    }
    checkpoints.keep(2, 0);

    assertThat(checkpoints.names()).containsExactly("round-00000002", "round-00000003");
    assertThat(checkpoints.newest(message -> {}).orElseThrow().parameters())
        .isEqualTo(TrainingState.initial(TINY.model(), 3).parameters());
  }

  @Test
  public void aRunWithoutASchemeIsOnTheDefaultFileSystem() throws IOException {
    for (String bare : List.of("/runs/bare", "bare", "hdfs:///runs/without-authority")) {
      Checkpoints checkpoints = new Checkpoints(hadoop, bare);
      checkpoints.write(manifest(1), Snapshots.of(TrainingState.initial(TINY.model(), 1)));
      MetricsLog.resume(hadoop, bare, 0).add(Map.of("kind", MetricsLog.ROUND, "round", 1L));
      MetricsLog.resume(hadoop, bare, 1).add(Map.of("kind", MetricsLog.ROUND, "round", 2L));

      assertThat(checkpoints.names()).containsExactly("round-00000001");
      assertThat(checkpoints.folder(2)).startsWith(hdfs.getFileSystem().getUri() + "/");
      assertThat(MetricsLog.read(hadoop, bare)).hasSize(2);
    }
  }

  @Test
  public void whoReadsMetricsMeetsWholePartsOnly() throws Exception {
    MetricsLog log = MetricsLog.resume(hadoop, run, 0);
    log.add(Map.of("kind", MetricsLog.ROUND, "round", 1L));
    AtomicBoolean done = new AtomicBoolean();
    ExecutorService reader = Executors.newSingleThreadExecutor();
    Future<Integer> reads =
        reader.submit(
            () -> {
              int lines = 1;
              int count = 0;
              while (!done.get()) {
                int now = MetricsLog.read(hadoop, run).size();
                assertThat(now).isGreaterThanOrEqualTo(lines);
                lines = now;
                count++;
              }
              return count;
            });
    for (long round = 2; round <= 100; round++) {
      log.add(Map.of("kind", MetricsLog.ROUND, "round", round));
    }
    done.set(true);

    assertThat(reads.get()).as("reads beside 99 writes").isGreaterThan(5);
    reader.shutdown();
    assertThat(MetricsLog.read(hadoop, run)).hasSize(100);
    FileSystem files = hdfs.getFileSystem();
    assertThat(files.listStatus(new Path(run, "metrics"))).as("nothing is left aside").hasSize(1);
  }

  @Test
  public void tensorBoardReadsWhatARunThatGoesOnHasAdded() throws IOException {
    String shown = run + "-shown";
    EventLog killed = EventLog.start(hadoop, shown, 0);
    killed.scalars(1, Map.of("loss", 1.0));
    killed.scalars(2, Map.of("loss", 2.0));
    EventLog resumed = EventLog.start(hadoop, shown, 2);
    resumed.scalars(2, Map.of("loss", 3.0));

    assertThat(EventFiles.shown(hadoop, shown))
        .extracting(value -> value.value().getSimpleValue())
        .containsExactly(1f, 3f);
    killed.close();
    resumed.close();
  }

  private static Manifest manifest(long round) {
    return Manifests.of(round, TINY);
  }
}
