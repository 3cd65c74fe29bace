package dev.mien.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.StoredTables;
import dev.mien.spark.preprocess.PreprocessInputs;
import dev.mien.spark.preprocess.PreprocessJob;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.hdfs.DistributedFileSystem;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.hadoop.hdfs.protocol.HdfsConstants;
import org.apache.hadoop.util.Progressable;
import org.apache.spark.sql.SparkSession;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/**
 * Batches on a real HDFS, a name node and two data nodes in this process, with what befalls one: a
 * data node goes, the space runs out. A command of its own: {@code mvn -Pchecks verify
 * -Dit.test=PreprocessingOnHdfsCheck}.
 */
public class PreprocessingOnHdfsCheck {

  private static final int BLOCK = 1 << 20;
  private static final Map<String, String> CLIENT =
      Map.of("dfs.replication", "2", "dfs.blocksize", Integer.toString(BLOCK));
  private static final MienConfiguration TINY =
      MienConfiguration.load(Optional.of("tiny"), Optional.empty(), List.of());

  private MiniDFSCluster hdfs;
  private DistributedFileSystem files;
  private SparkSession spark;
  private java.nio.file.Path folder;
  private StoredTables undisturbed;

  @BeforeClass
  public void start() throws Exception {
    folder = Files.createTempDirectory("hdfs").toRealPath();
    hdfs = new MiniDFSCluster.Builder(new Configuration(), folder.toFile()).numDataNodes(2).build();
    hdfs.waitActive();
    spark = LocalSpark.open(TINY);
    CLIENT.forEach(spark.conf()::set);
    // Who asks first decides of what class the file system is, for all in this process.
    Configuration hadoop = spark.sessionState().newHadoopConf();
    hadoop.set("fs.hdfs.impl", DisturbedFileSystem.class.getName());
    files = (DistributedFileSystem) FileSystem.get(hdfs.getURI(), hadoop);

    store(TestVideos.copy(TestVideos.CAP13, folder.resolve("first.mp4"), "mp4", 20, 1), "first");
    store(TestVideos.copy(TestVideos.CAP12, folder.resolve("second.mp4"), "mp4", 180, 1), "second");
    preprocess("undisturbed");
    undisturbed = tables("undisturbed");
    assertThat(undisturbed.clips()).hasSize(4);
  }

  private void store(java.nio.file.Path video, String folder) throws IOException {
    files.copyFromLocalFile(new Path(video.toUri()), new Path("/in/" + folder + "/00001.mp4"));
  }

  @AfterClass(alwaysRun = true)
  public void stop() {
    if (spark != null) {
      spark.stop();
    }
    if (hdfs != null) {
      hdfs.shutdown(true);
    }
  }

  @Test
  public void aDataNodeThatGoesInTheMiddleOfAFileOfClipsCostsNothing() throws Exception {
    AtomicReference<MiniDFSCluster.DataNodeProperties> stopped = new AtomicReference<>();
    DisturbedFileSystem.disturbance.set(() -> stopped.set(hdfs.stopDataNode(0)));

    preprocess("disturbed");

    assertThat(stopped.get()).as("what was stopped").isNotNull();
    assertThat(tables("disturbed")).isEqualTo(undisturbed);
    assertThat(hdfs.restartDataNode(stopped.get())).isTrue();
    hdfs.waitActive();
    assertThat(tables("disturbed")).as("with all nodes back").isEqualTo(undisturbed);
  }

  @Test
  public void aFullDiskIsNamedAndARunWithMoreSpaceGivesTheWholeTables() throws Exception {
    preprocess("full", "/in/first");
    StoredTables before = tables("full");
    // HDFS takes whole blocks of its quota, and one is as large as a row group.
    Path dataset = new Path("/full");
    long used = files.getContentSummary(dataset).getSpaceConsumed();
    files.setQuota(dataset, HdfsConstants.QUOTA_DONT_SET, used + 3 * BLOCK);

    MienProcess job =
        MienProcess.start(
            folder.resolve("full.log"),
            Map.of("spark.hadoop.dfs.replication", "2", "spark.hadoop.dfs.blocksize", "" + BLOCK),
            List.of("preprocess", "--input", uri("/in"), "--dataset", uri("/full")));
    assertThat(job.exit()).as(job.said()).isEqualTo(1);
    assertThat(job.said().strip().lines().reduce((first, last) -> last).orElseThrow())
        .startsWith("mien preprocess failed: ")
        .contains("The DiskSpace quota of /full is exceeded");
    assertThat(tables("full")).as("after the failure").isEqualTo(before);
    assertThatThrownBy(() -> preprocess("full")).hasStackTraceContaining("DiskSpace quota");
    assertThat(tables("full")).as("after another").isEqualTo(before);

    files.setQuota(dataset, HdfsConstants.QUOTA_DONT_SET, HdfsConstants.QUOTA_RESET);
    preprocess("full");
    assertThat(tables("full")).isEqualTo(undisturbed);
  }

  private void preprocess(String dataset) throws IOException {
    preprocess(dataset, "/in");
  }

  private void preprocess(String dataset, String input) throws IOException {
    new PreprocessJob(spark, TINY).run(PreprocessInputs.of(uri(input)), uri("/" + dataset));
  }

  private StoredTables tables(String dataset) {
    return StoredTables.of(FaceVideoDataset.open(spark, uri("/" + dataset)));
  }

  private String uri(String path) {
    return hdfs.getURI().resolve(path).toString();
  }

  /** Calls for a disturbance in the middle of the first file of clips that is written. */
  public static final class DisturbedFileSystem extends DistributedFileSystem {

    private static final AtomicReference<Runnable> disturbance = new AtomicReference<>();

    @Override
    public FSDataOutputStream create(
        Path path,
        FsPermission permission,
        boolean overwrite,
        int bufferSize,
        short replication,
        long blockSize,
        Progressable progress)
        throws IOException {
      FSDataOutputStream out =
          super.create(path, permission, overwrite, bufferSize, replication, blockSize, progress);
      return path.toString().matches(".*/clips/part-.*")
          ? new FSDataOutputStream(new DisturbedStream(out), null)
          : out;
    }

    private static final class DisturbedStream extends FilterOutputStream {

      private final FSDataOutputStream block;
      private long written;

      private DisturbedStream(FSDataOutputStream block) {
        super(block);
        this.block = block;
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        if (written > BLOCK / 4) {
          Runnable due = disturbance.getAndSet(null);
          if (due != null) {
            block.hflush(); // it has reached both nodes
            due.run();
          }
        }
        block.write(bytes, offset, length);
        written += length;
      }
    }
  }
}
