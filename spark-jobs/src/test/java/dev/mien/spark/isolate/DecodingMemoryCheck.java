package dev.mien.spark.isolate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.preprocessing.clip.Outcome;
import dev.mien.preprocessing.clip.PreprocessingOptions;
import dev.mien.preprocessing.clip.VideoReport;
import dev.mien.spark.DeadlyVideos;
import dev.mien.spark.Processes;
import dev.mien.spark.TestVideos;
import dev.mien.spark.config.IsolationOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** What a decoding process holds in memory, as Linux counts it. */
public class DecodingMemoryCheck {

  private static final long MEBI = 1 << 20;
  private static final int VIDEOS = 200;
  private static final int COPIES = 2;

  private Path folder;

  @BeforeClass
  public void makeFolder() throws IOException {
    folder = Files.createTempDirectory("decoding-memory");
  }

  @AfterClass(alwaysRun = true)
  public void removeFolder() {
    Folders.delete(folder);
  }

  @Test
  public void aFileThatAsksForMoreThanTheLimitCostsItselfOnly() throws Exception {
    Path greedy = DeadlyVideos.greedy(folder.resolve("greedy.mp4"), 3);
    Path brief = TestVideos.copy(TestVideos.CAP13, folder.resolve("brief.mp4"), "mp4", 30, 1);
    assertThat(Files.size(greedy)).isLessThan(100_000);

    try (DecodingSlot slot = open(448)) {
      VideoReport report = decode(slot, greedy);
      assertThat(report.outcome()).isEqualTo(Outcome.QUARANTINED);
      assertThat(report.reason()).isEqualTo("out of memory: more than 448 MiB");
      assertThat(decode(slot, brief).reason()).as("of the next video").isEmpty();
    }
    try (DecodingSlot slot = open(2048)) {
      assertThat(decode(slot, greedy).reason())
          .as("where there is room for it")
          .isEqualTo("no frame decoded");
    }
  }

  @Test
  public void oneVideoAfterAnotherLeavesNothingBehind() throws Exception {
    List<Path> kinds = new ArrayList<>();
    for (String kind : List.of("libopenh264.mp4", "libvpx.webm", "mpeg4.avi", "mjpeg.mkv")) {
      String encoder = kind.substring(0, kind.indexOf('.'));
      kinds.add(TestVideos.encode(TestVideos.CAP13, folder.resolve(kind), encoder, 240, 180, 20));
    }
    byte[] bytes = Files.readAllBytes(kinds.get(0));
    kinds.add(Files.write(folder.resolve("torn.mp4"), Arrays.copyOf(bytes, bytes.length / 2)));

    List<Long> resident = new ArrayList<>();
    try (DecodingSlot slot = open(1024)) {
      for (int video = 0; video < VIDEOS; video++) {
        decode(slot, kinds.get(video % kinds.size()));
        resident.add(memory(slot, "VmRSS"));
      }
    }
    double second = mean(resident.subList(VIDEOS / 4, VIDEOS / 2));
    double last = mean(resident.subList(3 * VIDEOS / 4, VIDEOS));
    assertThat(last / second)
        .as("resident in the last quarter against the second, %s", resident)
        .isBetween(0.9, 1.03);
  }

  @Test
  public void aLongVideoTakesNoMoreThanWhatIsHeldOfIt() throws Exception {
    Path brief = TestVideos.copy(TestVideos.CAP13, folder.resolve("once.mp4"), "mp4", 30, 1);
    Path lengthy =
        TestVideos.copy(TestVideos.CAP13, folder.resolve("long.mp4"), "mp4", 765, COPIES);

    try (DecodingSlot slot = open(1024)) {
      decode(slot, brief);
      long before = memory(slot, "VmHWM");
      VideoReport report = decode(slot, lengthy);
      long growth = memory(slot, "VmHWM") - before;
      assertThat(report.framesDecoded()).isEqualTo(765 * COPIES);
      assertThat(growth)
          .as("with decoded frames held up to 256 MiB")
          .isBetween(200 * MEBI, 320 * MEBI);
    }
  }

  private static double mean(List<Long> values) {
    return values.stream().mapToLong(Long::longValue).average().orElseThrow();
  }

  /** Of the slot's decoding process. */
  private static long memory(DecodingSlot slot, String field) {
    return ProcessHandle.current()
        .children()
        .filter(child -> Processes.runs(child, slot.folder().toString()))
        .mapToLong(child -> Processes.memory(child, field))
        .max()
        .orElseThrow();
  }

  private static VideoReport decode(DecodingSlot slot, Path video) throws IOException {
    return slot.decode(DecodingSlotTest.request(video), new DecodingSlotTest.Clips());
  }

  private DecodingSlot open(long mebibytes) {
    return DecodingSlot.open(
        new DecodingSlot.Settings(
            PreprocessingOptions.defaults(),
            new IsolationOptions(Duration.ofMinutes(2), Duration.ofHours(2), mebibytes * MEBI),
            List.of(folder)));
  }
}
