package dev.mien.spark.preprocess.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mien.spark.LocalSpark;
import dev.mien.spark.Processes;
import dev.mien.spark.TestVideos;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.isolate.TooLargeException;
import dev.mien.spark.preprocess.listing.VideoSource;
import dev.mien.spark.storage.LocalDisk;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileUtil;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** Tasks whose disk stops taking what they write. */
public class PreprocessTaskTest {

  private SparkSession spark;
  private JavaSparkContext context;
  private MienConfiguration configuration;
  private Path folder;

  @BeforeClass
  public void start() throws IOException {
    configuration = MienConfiguration.load(Optional.of("tiny"), Optional.empty(), List.of());
    spark = LocalSpark.open(configuration);
    context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    folder = Files.createTempDirectory("preprocess-task").toRealPath();
  }

  @AfterClass(alwaysRun = true)
  public void stop() {
    spark.stop();
    FileUtil.fullyDelete(folder.toFile());
  }

  @Test
  public void aTaskThatCannotWriteLeavesNoDecodingProcess() throws Exception {
    Path video = TestVideos.copy(TestVideos.CAP12, folder.resolve("a.mp4"), "mp4", 40, 1);
    List<VideoSource> videos = List.of(source(video), source(folder.resolve("gone.mp4")));
    JavaRDD<Artefact> artefacts =
        context
            .parallelize(videos, 1)
            .mapPartitions(Interrupting::new)
            .mapPartitions(
                new PreprocessTask(
                    context.broadcast(configuration.preprocessing()),
                    context.broadcast(configuration.isolation()),
                    context.broadcast(new SerializableConfiguration(new Configuration())),
                    Optional.empty(),
                    spark.sparkContext().longAccumulator()));

    assertThatThrownBy(artefacts::count)
        .hasStackTraceContaining(ClosedByInterruptException.class.getName());

    assertThat(ProcessHandle.current().children().filter(Processes::decodes)).isEmpty();
  }

  @Test
  public void whatWasNotReadNeedsNoRoomWhenItIsGivenUp() throws IOException {
    ArtefactSpill spill = new ArtefactSpill(folder);
    spill.write(Artefact.unread(source(folder.resolve("a.mp4")), "now", "cannot be read"));
    Thread.currentThread().interrupt();
    assertThatThrownBy(spill::read).hasStackTraceContaining("ClosedByInterruptException");
    assertThat(Thread.interrupted()).isTrue();

    spill.close();
    spill.close();

    new ArtefactSpill(folder).close();
  }

  @Test
  public void whatGrowsPastItsLimitIsTooLargeForTheDisk() throws IOException {
    int bytes = 3 << 20; // that of a buffer is not yet on the disk
    try (ArtefactSpill spill = new ArtefactSpill(folder, bytes)) {
      spill.requireRoom();
      assertThatThrownBy(
              () -> {
                for (int written = 0; written < 2 * bytes; written += 1 << 19) {
                  spill.write(
                      Artefact.unread(source(folder.resolve("a.mp4")), "now", "x".repeat(1 << 19)));
                  spill.requireRoom();
                }
              })
          .isInstanceOf(TooLargeException.class)
          .hasMessageStartingWith("clips larger than the local disk: more than 0.0 GiB, a quarter")
          .hasMessageContaining(folder.getParent().toString());
    }
  }

  @Test
  public void aDiskIsNoLargerThanSparkIsTold() throws IOException {
    long share = LocalDisk.share(folder);
    SparkConf conf = SparkEnv.get().conf();
    try {
      conf.set(LocalDisk.SIZE, "64k");
      assertThat(LocalDisk.share(folder)).isEqualTo(16 << 10);
      conf.set(LocalDisk.SIZE, "1000p");
      assertThat(LocalDisk.share(folder)).as("larger than it is").isEqualTo(share);
    } finally {
      conf.remove(LocalDisk.SIZE);
    }
  }

  private static VideoSource source(Path video) {
    return new VideoSource(video.toUri().toString(), 1, 1);
  }

  /**
   * Interrupts the task as it takes the second video: a file that is written by an interrupted
   * thread is closed, and refuses all that comes, as a full disk does.
   */
  private static final class Interrupting implements Iterator<VideoSource> {

    private final Iterator<VideoSource> videos;
    private int taken;

    private Interrupting(Iterator<VideoSource> videos) {
      this.videos = videos;
    }

    @Override
    public boolean hasNext() {
      return videos.hasNext();
    }

    @Override
    public VideoSource next() {
      taken++;
      if (taken == 2) {
        Thread.currentThread().interrupt();
      }
      return videos.next();
    }
  }
}
