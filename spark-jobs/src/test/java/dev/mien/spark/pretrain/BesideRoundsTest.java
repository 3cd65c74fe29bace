package dev.mien.spark.pretrain;

import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.Gauge;
import dev.mien.spark.run.MetricsLog;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkEnv;
import org.apache.spark.metrics.source.Source;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;
import scala.collection.JavaConverters;

/** What goes on while rounds do. */
public class BesideRoundsTest extends NoiseRunsFixture {

  private static final Map<String, String> NAMING =
      Map.of(
          "fs.file.impl",
          NamingFileSystem.class.getName(),
          "fs.file.impl.disable.cache", // of those that other sessions opened
          "true");

  @BeforeClass
  public void mount() {
    RefusingFileSystem.mount(spark);
  }

  @AfterMethod
  public void refuseNothing() {
    RefusingFileSystem.refusal = path -> "";
  }

  @Test
  public void rowGroupsOfTheNextRoundAreReadBeforeItBegins() throws IOException {
    copy("dataset", "unread"); // another one, of which nothing is in memory
    NAMING.forEach(spark.conf()::set);
    try {
      // Of a round of one step there is nothing else to read ahead.
      job("training { local-steps = 1, epochs = 1, validation-fraction = 0 }")
          .start(uri("unread"), uri("ahead"));
    } finally {
      NAMING.keySet().forEach(spark.conf()::unset);
    }

    assertThat(NamingFileSystem.READERS).contains("mien-row-group-reader");
  }

  @Test
  public void aCheckpointIsWrittenWhileTheNextRoundTrains() throws IOException {
    CountDownLatch lines = new CountDownLatch(3); // of the first validation and two rounds
    RefusingFileSystem.refusal =
        path -> {
          if (path.contains("/metrics/part")) {
            lines.countDown();
          }
          return path.contains("round-00000001/model") ? await(lines) : "";
        };

    job().start(uri("dataset"), "refusing:" + folder.resolve("beside"));

    assertThat(checkpoints("beside").resolve("round-00000001/manifest.json")).exists();
  }

  /** What a file system says that waits in vain. */
  private static String await(CountDownLatch lines) {
    try {
      return lines.await(1, TimeUnit.MINUTES) ? "" : "the second round waits for this";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "interrupted";
    }
  }

  @Test
  public void sparksMetricsHaveTheFiguresOfTheLastRound() throws IOException {
    List<Object> shown = new ArrayList<>();
    RefusingFileSystem.refusal =
        path -> {
          if (path.contains("/metrics/part")) { // before the next line is written
            gauges("round_loss").forEach(gauge -> shown.add(gauge.getValue()));
          }
          return "";
        };

    job().start(uri("dataset"), "refusing:" + folder.resolve("shown"));

    assertThat(shown)
        .hasSize(6)
        .isEqualTo(
            lines("shown", MetricsLog.ROUND).stream()
                .map(line -> line.get("loss").getAsDouble())
                .toList());
  }

  private static List<Gauge<?>> gauges(String name) {
    List<Gauge<?>> found = new ArrayList<>();
    for (Source source :
        JavaConverters.seqAsJavaListConverter(
                SparkEnv.get().metricsSystem().getSourcesByName("mien"))
            .asJava()) {
      Gauge<?> gauge = source.metricRegistry().getGauges().get(name);
      if (gauge != null) {
        found.add(gauge);
      }
    }
    return found;
  }

  /** The files of this machine, for a job of which is to be known what threads read clips. */
  public static final class NamingFileSystem extends LocalFileSystem {

    private static final Queue<String> READERS = new ConcurrentLinkedQueue<>();

    @Override
    public FSDataInputStream open(Path path, int bufferSize) throws IOException {
      if (path.toUri().getPath().matches(".*/clips/[^/]*\\.parquet")) {
        READERS.add(Thread.currentThread().getName());
      }
      return super.open(path, bufferSize);
    }
  }
}
