package dev.mien.spark.pretrain.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mien.model.optim.LearningRateSchedule;
import dev.mien.spark.LocalSpark;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.StoredRows;
import dev.mien.spark.dataset.TestDatasets;
import dev.mien.spark.dataset.clip.ClipEntry;
import dev.mien.spark.dataset.clip.ClipIndex;
import dev.mien.spark.dataset.clip.ClipLocation;
import dev.mien.spark.dataset.clip.RowGroup;
import dev.mien.spark.pretrain.sample.Sample;
import dev.mien.spark.storage.Patience;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

public class BatchReaderTest {

  private static final List<String> VIDEOS = List.of("a", "b", "c", "d");

  private final Configuration hadoop = new Configuration();
  private SparkSession spark;
  private List<ClipEntry> clips;

  /** What a batch has of one sample. */
  private record Drawn(String clipId, ByteBuffer pixels, ByteBuffer mask) {}

  @BeforeClass
  public void publish() throws IOException {
    hadoop.set("fs.slow.impl", SlowFileSystem.class.getName());
    hadoop.set("fs.starved.impl", StarvedFileSystem.class.getName());
    spark = LocalSpark.open(configuration("stop"));
    String uri = Files.createTempDirectory("batches").resolve("dataset").toUri().toString();
    FaceVideoDataset dataset =
        StoredRows.publishApart(
            spark,
            TestDatasets.empty(spark, uri),
            VIDEOS.stream()
                .map(video -> StoredRows.processed(video, video, video))
                .toArray(Row[]::new));
    clips = ClipIndex.read(spark, dataset).clips();
    assertThat(clips.stream().map(clip -> clip.location().rowGroup().file()).distinct())
        .as("a file for each video")
        .hasSameSizeAs(VIDEOS);
  }

  @AfterClass(alwaysRun = true)
  public void stop() {
    spark.stop();
  }

  /** Samples that cannot be read, of eleven in batches of four. */
  @DataProvider
  public Object[][] unreadable() {
    return new Object[][] {{Set.of()}, {Set.of(0, 2, 3, 5, 10)}, {Set.of(4, 5, 6, 7)}};
  }

  @Test(dataProvider = "unreadable")
  public void batchesAreTheSameByAnyNumberOfThreads(Set<Integer> unreadable) throws IOException {
    List<Sample> samples = samples(11, unreadable);

    List<List<Drawn>> alone = read(samples, 1);

    assertThat(read(samples, 3)).isEqualTo(alone);
    assertThat(read(samples, 9)).as("more than samples").isEqualTo(alone);
  }

  @Test(dataProvider = "unreadable")
  public void whatIsLeftOutLeavesNoGap(Set<Integer> unreadable) throws IOException {
    List<Sample> samples = samples(11, unreadable);
    List<Sample> readable = new ArrayList<>(samples);
    readable.removeIf(sample -> sample.location().rowGroup().file().endsWith("none"));

    List<Drawn> drawn = read(samples, 3).stream().flatMap(Collection::stream).toList();

    assertThat(drawn).extracting(Drawn::clipId).hasSize(11 - unreadable.size());
    assertThat(drawn)
        .isEqualTo(read(readable, 1).stream().flatMap(Collection::stream).toList())
        .doesNotHaveDuplicates();
  }

  @Test
  public void theFirstSampleThatCannotBeReadIsNamed() {
    List<Sample> samples = new ArrayList<>(samples(4, Set.of()));
    samples.set(1, elsewhere(samples.get(1), "file:/first"));
    samples.set(2, elsewhere(samples.get(2), "file:/second"));
    try (BatchReader reader = reader("stop", 3)) {
      assertThatThrownBy(() -> reader.forEach(samples, hadoop, (batch, waited) -> {}))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("Cannot read row group 0 of file:/first");
    }
  }

  @Test
  public void whyASampleWasLeftOutIsSaidUntilTheNextBatches() throws IOException {
    try (BatchReader reader = reader("skip", 2)) {
      reader.forEach(samples(6, Set.of(4)), hadoop, (batch, waited) -> {});
      assertThat(reader.leftOut()).startsWith("Cannot read row group 0 of file:/none");

      reader.forEach(samples(6, Set.of()), hadoop, (batch, waited) -> {});
      assertThat(reader.leftOut()).isEmpty();
    }
  }

  @DataProvider
  public Object[][] threads() {
    return new Object[][] {{1}, {3}};
  }

  @Test(dataProvider = "threads")
  public void wantOfMemoryStaysAnError(int threads) {
    List<Sample> samples =
        samples(4, Set.of()).stream()
            .map(sample -> elsewhere(sample, file(sample).replace("file:", "starved:")))
            .toList();
    try (BatchReader reader = reader("skip", threads)) {
      assertThatThrownBy(() -> reader.forEach(samples, hadoop, (batch, waited) -> {}))
          .isInstanceOf(OutOfMemoryError.class)
          .hasMessage("Java heap space");
    }
  }

  @Test(timeOut = 60_000)
  public void eachThreadReadsForItselfAndNoneThatHangsHoldsUpTheEnd() throws Exception {
    List<Sample> samples =
        IntStream.range(0, 3)
            .mapToObj(i -> new Sample("clip", clips.get(2 * i).location(), 0, i))
            .map(BatchReaderTest::slow)
            .toList();
    ClipCache cache = new ClipCache(1 << 20);
    BatchReader reader = new BatchReader(run("stop"), cache, 3);
    CompletableFuture<Void> reading;
    try (SlowFileSystem.Hold hold = SlowFileSystem.hold()) {
      reading =
          CompletableFuture.runAsync(
              () -> {
                try {
                  reader.forEach(samples, hadoop, (batch, waited) -> {});
                } catch (IOException e) {
                  throw new IllegalStateException(e);
                }
              });
      hold.awaitReaders(3);

      reader.close();

      assertThat(reading).as("what hangs").isNotDone();
      hold.freeLaterReaders();
      assertThat(cache.clip(samples.get(0).location(), hadoop, Patience.NONE))
          .as("read by another")
          .isNotNull();
      assertThat(reading).isNotDone();
    }
    reading.handle((read, failure) -> "ended").join();
  }

  @Test(timeOut = 60_000)
  public void theRowGroupsOfLaterBatchesAreReadAtOnce() throws Exception {
    List<Sample> here = samplesByFile();
    List<Sample> samples = new ArrayList<>(here);
    for (int i = 4; i < samples.size(); i++) { // after the first batch
      samples.set(i, slow(samples.get(i)));
    }
    CompletableFuture<List<List<Drawn>>> reading;
    try (SlowFileSystem.Hold hold = SlowFileSystem.hold()) {
      reading = async(() -> read(samples, 3));

      hold.awaitReaders(3);
    }

    assertThat(reading.get()).hasSize(4).isEqualTo(read(here, 3));
    assertThat(SlowFileSystem.opened()).as("each once").isEqualTo(3);
  }

  @Test(timeOut = 60_000)
  public void readingAheadEndsWhenABatchIsWanted() throws Exception {
    List<Sample> slow = samplesByFile().stream().map(BatchReaderTest::slow).toList();
    ClipCache cache = new ClipCache(1 << 20);
    try (BatchReader reader = new BatchReader(run("stop"), cache, 1)) {
      reader.forEach(samples(1, Set.of()), hadoop, (batch, waited) -> {}); // tells their size
      try (SlowFileSystem.Hold hold = SlowFileSystem.hold()) {
        reader.prefetch(List.of(rowGroup(slow.get(0)), rowGroup(slow.get(4))), hadoop);
        hold.awaitReader();

        reader.forEach(samples(1, Set.of()), hadoop, (batch, waited) -> {});
        reader.prefetch(List.of(rowGroup(slow.get(8))), hadoop);
      }
      assertThat(cache.clip(slow.get(0).location(), hadoop, Patience.NONE)).isNotNull();
      assertThat(cache.clip(slow.get(8).location(), hadoop, Patience.NONE)).isNotNull();

      try (SlowFileSystem.Hold hold = SlowFileSystem.hold()) {
        var second = async(() -> cache.clip(slow.get(4).location(), hadoop, Patience.NONE));
        hold.awaitReader(); // it was not read before
        assertThat(second).isNotDone();
      }
    }
  }

  /** Work that may fail. */
  private interface Reading<T> {
    T read() throws IOException;
  }

  private static <T> CompletableFuture<T> async(Reading<T> reading) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return reading.read();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  /** Four samples, a batch, of each file. */
  private List<Sample> samplesByFile() {
    return samples(16, Set.of()).stream()
        .sorted(Comparator.comparing(BatchReaderTest::file))
        .toList();
  }

  private static Sample slow(Sample sample) {
    return elsewhere(sample, file(sample).replace("file:", "slow:"));
  }

  private static RowGroup rowGroup(Sample sample) {
    return sample.location().rowGroup();
  }

  /** Samples of the clips in turn, each with a mask of its own. */
  private List<Sample> samples(int count, Set<Integer> unreadable) {
    return IntStream.range(0, count)
        .mapToObj(
            i -> {
              ClipEntry clip = clips.get(i % clips.size());
              Sample sample = new Sample(clip.clipId() + "#" + i, clip.location(), 0, 100 + i);
              return unreadable.contains(i) ? elsewhere(sample, "file:/none") : sample;
            })
        .toList();
  }

  private static Sample elsewhere(Sample sample, String file) {
    ClipLocation location =
        new ClipLocation(
            new RowGroup(file, sample.location().rowGroup().position()), sample.location().row());
    return new Sample(sample.clipId(), location, sample.start(), sample.maskSeed());
  }

  private static String file(Sample sample) {
    return sample.location().rowGroup().file();
  }

  private List<List<Drawn>> read(List<Sample> samples, int threads) throws IOException {
    List<List<Drawn>> batches = new ArrayList<>();
    try (BatchReader reader = reader("skip", threads)) {
      reader.forEach(
          samples,
          configuration("skip").training().augmentation(),
          hadoop,
          (batch, waited) -> {
            int pixels = batch.pixels().remaining() / batch.size();
            int tokens = batch.visible().length / batch.size();
            List<Drawn> drawn = new ArrayList<>();
            for (int i = 0; i < batch.size(); i++) {
              ByteBuffer copy = ByteBuffer.allocate(pixels);
              copy.put(batch.pixels().slice(i * pixels, pixels)).flip();
              ByteBuffer mask = ByteBuffer.wrap(batch.visible(), i * tokens, tokens).slice();
              drawn.add(new Drawn(batch.clipIds().get(i), copy, mask));
            }
            batches.add(drawn);
          });
    }
    return batches;
  }

  private static BatchReader reader(String unreadable, int threads) {
    return new BatchReader(run(unreadable), new ClipCache(1 << 20), threads);
  }

  private static RunSpecification run(String unreadable) {
    MienConfiguration configuration = configuration(unreadable);
    return new RunSpecification(
        configuration.model(),
        configuration.objective(),
        configuration.optimiser(),
        LearningRateSchedule.of(configuration.optimiser(), 4, 0, 1),
        configuration.training(),
        configuration.checkpoints().retryTime());
  }

  private static MienConfiguration configuration(String unreadable) {
    return MienConfiguration.load(
        Optional.of("tiny"),
        Optional.empty(),
        List.of(
            "model { image = 56, patch = 14, frames = 2 }",
            "training { batch-size = 4, stride = 1, augmentation { flip = 0.5, crop = 0.5 } }",
            "training.unreadable-shards = " + unreadable));
  }

  /** The files of this machine, for which there is no memory. */
  public static final class StarvedFileSystem extends RawLocalFileSystem {

    @Override
    public URI getUri() {
      return URI.create("starved:///");
    }

    @Override
    public FSDataInputStream open(Path path, int bufferSize) {
      throw new OutOfMemoryError("Java heap space");
    }
  }
}
