package dev.mien.spark.pretrain.replica;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mien.spark.LocalSpark;
import dev.mien.spark.LostMountFileSystem;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.StoredRows;
import dev.mien.spark.dataset.TestDatasets;
import dev.mien.spark.dataset.clip.ClipIndex;
import dev.mien.spark.dataset.clip.ClipLocation;
import dev.mien.spark.dataset.clip.RowGroup;
import dev.mien.spark.dataset.clip.RowGroupReader;
import dev.mien.spark.dataset.clip.StoredClip;
import dev.mien.spark.storage.DamagedException;
import dev.mien.spark.storage.Patience;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

public class ClipCacheTest {

  private static final Duration MINUTE = Duration.ofMinutes(1);

  /** Fails a test that waits. */
  private static final Patience NEVER =
      new Patience(
          MINUTE,
          () -> {
            throw new AssertionError("waits");
          });

  private final Configuration hadoop = new Configuration();
  private final ExecutorService readers = Executors.newCachedThreadPool();
  private SparkSession spark;
  private Path folder;
  private List<RowGroup> stored;
  private List<RowGroup> copies;

  @BeforeClass
  public void publish() throws IOException {
    spark =
        LocalSpark.open(MienConfiguration.load(Optional.of("tiny"), Optional.empty(), List.of()));
    folder = Files.createTempDirectory("clips");
    String uri = folder.resolve("dataset").toUri().toString();
    FaceVideoDataset dataset =
        StoredRows.publishApart(
            spark,
            TestDatasets.empty(spark, uri),
            StoredRows.processed("a.mp4", "a", "one"),
            StoredRows.processed("b.mp4", "b", "two"));
    stored =
        ClipIndex.read(spark, dataset).clips().stream()
            .map(clip -> clip.location().rowGroup())
            .distinct()
            .toList();
    assertThat(stored).hasSize(2);
  }

  @AfterClass(alwaysRun = true)
  public void stop() {
    readers.shutdownNow();
    spark.stop();
  }

  /** Files that a test may take away. */
  @BeforeMethod
  public void copy() throws IOException {
    copies = new ArrayList<>();
    for (RowGroup rowGroup : stored) {
      Path copy = Files.createTempFile(folder, "copy", ".parquet");
      Files.write(copy, Files.readAllBytes(Path.of(URI.create(rowGroup.file()))));
      copies.add(new RowGroup(copy.toUri().toString(), rowGroup.position()));
    }
  }

  @Test
  public void whatWasReadAheadIsNotReadAgain() throws IOException {
    ClipCache cache = new ClipCache(1 << 20);

    copies.forEach(copy -> cache.readAhead(copy, hadoop));
    takeAway();

    for (int i = 0; i < copies.size(); i++) {
      assertThat(cache.clip(first(copies.get(i)), hadoop, Patience.NONE).clipId())
          .isEqualTo(RowGroupReader.read(hadoop, stored.get(i)).get(0).clipId());
    }
  }

  @Test
  public void readingAheadLeavesHalfTheRoom() throws IOException {
    List<Long> sizes = new ArrayList<>();
    for (RowGroup copy : copies) {
      sizes.add(RowGroupReader.read(hadoop, copy).stream().mapToLong(StoredClip::bytes).sum());
    }
    ClipCache cache = new ClipCache(6 * Collections.max(sizes));

    assertThat(cache.roomAhead()).as("as long as no size is known").isZero();
    copies.forEach(copy -> cache.readAhead(copy, hadoop));

    assertThat(cache.roomAhead()).as("of %s bytes", sizes).isEqualTo(3);
  }

  @Test
  public void whatCannotBeReadAheadIsPassedOver() throws IOException {
    ClipCache cache = new ClipCache(1 << 20);
    Files.delete(Path.of(URI.create(copies.get(0).file())));

    copies.forEach(copy -> cache.readAhead(copy, hadoop));
    Files.delete(Path.of(URI.create(copies.get(1).file())));

    assertThat(cache.clip(first(copies.get(1)), hadoop, Patience.NONE)).isNotNull();
  }

  @Test
  public void whatALostMountHoldsIsNamedAndPassedOverAhead() throws IOException {
    LostMountFileSystem.mount(hadoop);
    RowGroup lost = new RowGroup(copies.get(0).file().replaceFirst("^file:", "lost:"), 0);
    ClipCache cache = new ClipCache(1 << 20);
    LostMountFileSystem.lose(path -> true);
    try {
      cache.readAhead(lost, hadoop);
      assertThatThrownBy(() -> cache.clip(first(lost), hadoop, Patience.NONE))
          .isInstanceOf(IOException.class)
          .hasMessageContainingAll("Cannot read row group 0 of lost:", "Input/output error");
    } finally {
      LostMountFileSystem.lose(path -> false);
    }
  }

  @Test
  public void aMountThatComesBackIsWaitedFor() throws IOException {
    LostMountFileSystem.mount(hadoop);
    RowGroup lost = new RowGroup(copies.get(0).file().replaceFirst("^file:", "lost:"), 0);
    ClipCache cache = new ClipCache(1 << 20);
    try {
      LostMountFileSystem.lose(path -> true);
      Patience hasty = new Patience(MINUTE, () -> true);
      assertThatThrownBy(() -> cache.clip(first(lost), hadoop, hasty))
          .hasMessageContaining("Input/output error");
      assertThatThrownBy(() -> cache.clip(first(lost), hadoop, NEVER))
          .as("it has been waited for")
          .hasMessageContaining("Input/output error");

      LostMountFileSystem.lose(path -> false);
      assertThat(cache.clip(first(lost), hadoop, NEVER)).isNotNull();

      ClipCache another = new ClipCache(1 << 20);
      LostMountFileSystem.lose(path -> true);
      Patience returning = new Patience(MINUTE, ClipCacheTest::bringBack);
      assertThat(another.clip(first(lost), hadoop, returning)).isNotNull();
    } finally {
      LostMountFileSystem.lose(path -> false);
    }
  }

  private static boolean bringBack() {
    LostMountFileSystem.lose(path -> false);
    return false;
  }

  /** What becomes of a shard. */
  @DataProvider
  public Object[][] damages() {
    return new Object[][] {
      {"gone", (UnaryOperator<byte[]>) bytes -> new byte[0]},
      {"cut short", (UnaryOperator<byte[]>) bytes -> Arrays.copyOf(bytes, bytes.length / 2)},
      {"another file", (UnaryOperator<byte[]>) bytes -> "no Parquet at all".getBytes(UTF_8)},
      {"another footer", (UnaryOperator<byte[]>) bytes -> overwritten(bytes, bytes.length - 200)},
      {"other pages", (UnaryOperator<byte[]>) bytes -> overwritten(bytes, 4)},
    };
  }

  @Test(dataProvider = "damages")
  public void damageIsNotWaitedFor(String damage, UnaryOperator<byte[]> change) throws IOException {
    Path file = Path.of(URI.create(copies.get(0).file()));
    byte[] changed = change.apply(Files.readAllBytes(file));
    Files.write(file, changed);
    if (changed.length == 0) {
      Files.delete(file);
    }

    assertThatThrownBy(() -> new ClipCache(1 << 20).clip(first(copies.get(0)), hadoop, NEVER))
        .as(damage)
        .isInstanceOf(DamagedException.class)
        .hasMessageStartingWith("Cannot read row group 0 of " + copies.get(0).file());
  }

  private static byte[] overwritten(byte[] bytes, int from) {
    Arrays.fill(bytes, from, from + 100, (byte) 0xff);
    return bytes;
  }

  @Test(timeOut = 60_000)
  public void aReadThatHangsHoldsUpNobodyElse() throws Exception {
    ClipCache cache = new ClipCache(1 << 20);
    RowGroup slow = slow(copies.get(0));
    try (SlowFileSystem.Hold hold = SlowFileSystem.hold()) {
      Future<StoredClip> hung = read(cache, slow);
      hold.awaitReader();

      assertThat(cache.clip(first(copies.get(1)), hadoop, Patience.NONE)).isNotNull();
      Future<StoredClip> waiting = read(cache, slow);
      assertThatThrownBy(() -> waiting.get(200, TimeUnit.MILLISECONDS))
          .isInstanceOf(TimeoutException.class);
      assertThat(SlowFileSystem.opened()).as("read by the first alone").isEqualTo(1);

      hold.freeLaterReaders();
      cache.forgetReads();
      assertThat(waiting.get()).isNotNull();
      assertThat(hung.isDone()).isFalse();
    }
  }

  @Test(timeOut = 60_000)
  public void aRowGroupIsReadOnceForAllWhoAskForItAtOnce() throws Exception {
    ClipCache cache = new ClipCache(1 << 20);
    RowGroup slow = slow(copies.get(0));
    Future<StoredClip> one;
    Future<StoredClip> other;
    try (SlowFileSystem.Hold hold = SlowFileSystem.hold()) {
      one = read(cache, slow);
      hold.awaitReader();
      other = read(cache, slow);
    }

    assertThat(other.get()).isSameAs(one.get());
    assertThat(SlowFileSystem.opened()).isEqualTo(1);
  }

  @Test(timeOut = 60_000)
  public void whoWaitsForAReadThatFailsReadsItself() throws Exception {
    ClipCache cache = new ClipCache(1 << 20);
    RowGroup slow = slow(copies.get(0));
    Path file = Path.of(URI.create(copies.get(0).file()));
    byte[] whole = Files.readAllBytes(file);
    Future<StoredClip> fails;
    Future<StoredClip> waits;
    Files.writeString(file, "no Parquet at all");
    try (SlowFileSystem.Hold hold = SlowFileSystem.hold()) {
      fails = read(cache, slow);
      hold.awaitReader();
      waits = read(cache, slow);
    }

    assertThatThrownBy(fails::get).hasCauseInstanceOf(IOException.class);
    assertThatThrownBy(waits::get).hasCauseInstanceOf(IOException.class);
    assertThat(SlowFileSystem.opened()).isEqualTo(2);
    Files.write(file, whole);
    assertThat(cache.clip(first(slow), hadoop, Patience.NONE)).isNotNull();
  }

  private Future<StoredClip> read(ClipCache cache, RowGroup rowGroup) {
    return readers.submit(() -> cache.clip(first(rowGroup), hadoop, Patience.NONE));
  }

  /** The same by a file system that can be held up. */
  private RowGroup slow(RowGroup rowGroup) {
    hadoop.set("fs.slow.impl", SlowFileSystem.class.getName());
    return new RowGroup(rowGroup.file().replaceFirst("^file:", "slow:"), rowGroup.position());
  }

  private void takeAway() throws IOException {
    for (RowGroup copy : copies) {
      Files.delete(Path.of(URI.create(copy.file())));
    }
  }

  private static ClipLocation first(RowGroup rowGroup) {
    return new ClipLocation(rowGroup, 0);
  }
}
