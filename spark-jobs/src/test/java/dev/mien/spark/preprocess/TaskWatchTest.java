package dev.mien.spark.preprocess;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.spark.LocalSpark;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.preprocess.PlannedVideo.Change;
import dev.mien.spark.preprocess.listing.VideoSource;
import dev.mien.spark.progress.Progress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.LongAccumulator;
import org.awaitility.Awaitility;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** A task of Spark's that waits within its second video. */
public class TaskWatchTest {

  private static final String HEARTBEATS = "spark.executor.heartbeatInterval";

  private SparkSession spark;

  @BeforeClass
  public void start() {
    System.setProperty(HEARTBEATS, "100ms");
    spark =
        LocalSpark.open(MienConfiguration.load(Optional.of("tiny"), Optional.empty(), List.of()));
  }

  @AfterClass(alwaysRun = true)
  public void stop() {
    System.clearProperty(HEARTBEATS);
    spark.stop();
  }

  @Test
  public void theVideoThatATaskIsAtIsNamedWhenItTakesMuchLongerThanWasExpected() throws Exception {
    Path go = Files.createTempDirectory("watch").resolve("go");
    new ProcessBuilder("mkfifo", go.toString()).start().waitFor();
    LongAccumulator done = spark.sparkContext().longAccumulator();
    AtomicLong now = new AtomicLong();
    List<PlannedVideo> videos =
        Stream.of("a", "b", "c")
            .map(name -> new VideoSource("file:/v/%s.mp4".formatted(name), 1, 1))
            .map(source -> new PlannedVideo(source, Change.NEW, 1000, null))
            .toList();
    try (Progress progress = Progress.start("Watch", "videos", 0, 3);
        TaskWatch watch = new TaskWatch(progress, done, now::get)) {
      spark.sparkContext().addSparkListener(watch);
      watch.expect(List.of(videos), new Costs(1, 0.1, 1, 0));

      JavaFutureAction<Void> job = waitAfterTheFirst(done, go.toString());
      now.set(after(TimeUnit.HOURS.toMillis(2)));
      Awaitility.await()
          .atMost(1, TimeUnit.MINUTES)
          .until(() -> watch.slowest().orElse("").startsWith("file:/v/b.mp4 (video 2 of 3 of a"));
      assertThat(watch.slowest().orElseThrow()).endsWith(" s; about 300 s were expected)");
      now.set(after(TimeUnit.MINUTES.toMillis(10)));
      assertThat(watch.slowest()).as("twice as long as expected").isEmpty();

      Files.writeString(go, "!");
      job.get();
    }
  }

  /** In milliseconds since 1970. */
  private static long after(long milliseconds) {
    return System.currentTimeMillis() + milliseconds;
  }

  private JavaFutureAction<Void> waitAfterTheFirst(LongAccumulator done, String go) {
    return JavaSparkContext.fromSparkContext(spark.sparkContext())
        .parallelize(List.of(1), 1)
        .foreachAsync(
            task -> {
              done.add(1);
              Files.readString(Path.of(go));
            });
  }
}
