package dev.mien.spark.preprocess;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mien.spark.LocalSpark;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.ErasureMark;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.Tables;
import dev.mien.spark.dataset.TestDatasets;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hadoop.fs.FileUtil;
import org.apache.spark.sql.SparkSession;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

public class PublicationRetryTest {

  private SparkSession spark;
  private Path folder;
  private FaceVideoDataset dataset;

  @BeforeClass
  public void start() throws IOException {
    spark =
        LocalSpark.open(MienConfiguration.load(Optional.of("tiny"), Optional.empty(), List.of()));
    folder = Files.createTempDirectory("newest").toRealPath();
    dataset = TestDatasets.empty(spark, folder.toUri() + "dataset");
  }

  @AfterClass(alwaysRun = true)
  public void stop() {
    spark.stop();
    FileUtil.fullyDelete(folder.toFile());
  }

  @Test
  public void aPublicationWaitsForAnErasure() throws IOException {
    ErasureMark mark = ErasureMark.set(spark, dataset.uri(), "person id00012");
    List<Long> pauses = new ArrayList<>();

    FaceVideoDataset published =
        PublicationRetry.publish(
            spark,
            dataset.uri(),
            nanos -> {
              pauses.add(nanos);
              if (pauses.size() == 3) {
                remove(mark);
              }
            },
            PublicationRetryTest::refreshed);

    assertThat(pauses).containsExactly(1_000_000_000L, 2_000_000_000L, 4_000_000_000L);
    assertThat(published.version().videos()).isGreaterThan(dataset.version().videos());
  }

  @Test
  public void whoseVersionAnErasureTookAwayTriesAgain() {
    AtomicInteger attempts = new AtomicInteger();

    FaceVideoDataset published =
        PublicationRetry.publish(
            spark,
            dataset.uri(),
            nanos -> {},
            newest -> {
              if (attempts.incrementAndGet() == 1) {
                String gone = dataset.uri() + "/videos";
                spark.read().format("delta").option("versionAsOf", 99).load(gone);
              }
              return newest;
            });

    assertThat(attempts).hasValue(2);
    assertThat(published.version()).isNotNull();
  }

  @Test
  public void anErasureThatWasKilledIsNotAwaitedForEver() throws IOException {
    ErasureMark mark = ErasureMark.set(spark, dataset.uri(), "person id00012");
    AtomicLong waited = new AtomicLong();

    assertThatThrownBy(
            () ->
                PublicationRetry.publish(
                    spark, dataset.uri(), waited::addAndGet, PublicationRetryTest::refreshed))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "Cannot publish into dataset %s: an erasure has been under way for 3600 s (if it was"
                + " killed, finish it by the same mien forget again; then run this again)",
            dataset.uri());
    assertThat(Duration.ofNanos(waited.get())).isEqualTo(Duration.ofHours(1));
    mark.remove();
  }

  @Test
  public void whatFilesRefuseForAWhileIsTriedAgain() {
    List<Long> pauses = new ArrayList<>();
    AtomicInteger tried = new AtomicInteger();

    FaceVideoDataset published =
        PublicationRetry.publish(
            spark,
            dataset.uri(),
            pauses::add,
            newest -> {
              if (tried.incrementAndGet() < 3) {
                throw new UncheckedIOException(new IOException("safe mode"));
              }
              return refreshed(newest);
            });

    assertThat(pauses).containsExactly(1_000_000_000L, 2_000_000_000L);
    assertThat(published.version().videos()).isGreaterThan(dataset.version().videos());
  }

  @Test
  public void whatFilesGoOnRefusingIsSaidAfterAMinute() {
    AtomicLong waited = new AtomicLong();

    assertThatThrownBy(
            () ->
                PublicationRetry.publish(
                    spark,
                    dataset.uri(),
                    waited::addAndGet,
                    newest -> {
                      throw new UncheckedIOException(new IOException("safe mode"));
                    }))
        .hasMessageContaining("safe mode");
    assertThat(Duration.ofNanos(waited.get())).isEqualTo(Duration.ofSeconds(63));
  }

  @Test
  public void whatIsNotOfFilesIsNotTriedAgain() {
    assertThatThrownBy(
            () ->
                PublicationRetry.publish(
                    spark,
                    dataset.uri(),
                    pause -> {
                      throw new AssertionError("waited");
                    },
                    newest -> {
                      throw new IllegalStateException("broken");
                    }))
        .hasMessage("broken");
  }

  private static void remove(ErasureMark mark) {
    try {
      mark.remove();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static FaceVideoDataset refreshed(FaceVideoDataset dataset) {
    SparkSession spark = dataset.videos().sparkSession();
    return dataset.refresh(spark.createDataFrame(List.of(), Tables.VIDEOS));
  }
}
