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
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.hadoop.metrics2.AbstractMetric;
import org.apache.hadoop.metrics2.MetricsRecord;
import org.apache.hadoop.metrics2.MetricsSource;
import org.apache.hadoop.metrics2.impl.MetricsCollectorImpl;
import org.apache.hadoop.metrics2.lib.DefaultMetricsSystem;
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

  /** Bytes, of which a checkpoint has several. */
  private static final int BLOCK = 64 << 10;

  private MiniDFSCluster hdfs;
  private Configuration hadoop;
  private String run;

  @BeforeClass
  public void start() throws IOException {
    File folder = Files.createTempDirectory("hdfs").toFile();
    Configuration settings = new Configuration();
    settings.setLong("dfs.namenode.fs-limits.min-block-size", BLOCK);
    hdfs = new MiniDFSCluster.Builder(settings, folder).numDataNodes(1).build();
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
    assertThat(checkpoints.newest(manifest -> {}, message -> {}).orElseThrow().parameters())
        .isEqualTo(TrainingState.initial(TINY.model(), 3).parameters());
  }

  @Test
  public void eachBlockOfACheckpointIsOnDisks() throws IOException {
    Configuration small = new Configuration(hadoop);
    small.setLong("dfs.blocksize", BLOCK);
    small.setBoolean("fs.hdfs.impl.disable.cache", true);
    long before = synced();

    new Checkpoints(small, run + "-synced")
        .write(manifest(1), Snapshots.of(TrainingState.initial(TINY.model(), 1)));

    Path written = new Path(run + "-synced/checkpoints/round-00000001");
    int blocks = 0;
    for (String name : List.of("model.safetensors", "optimiser.safetensors", "manifest.json")) {
      FileStatus file = hdfs.getFileSystem().getFileStatus(new Path(written, name));
      blocks += hdfs.getFileSystem().getFileBlockLocations(file, 0, file.getLen()).length;
    }
    assertThat(blocks).isGreaterThan(4);
    assertThat(synced() - before).isGreaterThanOrEqualTo(blocks);
  }

  /** Times that the data node has had its disk keep what was written. */
  private long synced() {
    MetricsSource node =
        DefaultMetricsSystem.instance().getSource(hdfs.getDataNodes().get(0).getMetrics().name());
    MetricsCollectorImpl collector = new MetricsCollectorImpl();
    node.getMetrics(collector, true);
    long count = 0;
    for (MetricsRecord record : collector.getRecords()) {
      for (AbstractMetric metric : record.metrics()) {
        count += metric.name().equals("FsyncCount") ? metric.value().longValue() : 0;
      }
    }
    return count;
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
