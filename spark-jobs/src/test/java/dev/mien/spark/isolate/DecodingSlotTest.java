package dev.mien.spark.isolate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mien.preprocessing.clip.Clip;
import dev.mien.preprocessing.clip.Outcome;
import dev.mien.preprocessing.clip.PreprocessingOptions;
import dev.mien.preprocessing.clip.VideoPreprocessor;
import dev.mien.preprocessing.clip.VideoReport;
import dev.mien.preprocessing.clip.VideoRequest;
import dev.mien.spark.DeadlyVideos;
import dev.mien.spark.Processes;
import dev.mien.spark.TestVideos;
import dev.mien.spark.config.IsolationOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.apache.commons.codec.digest.DigestUtils;
import org.awaitility.Awaitility;
import org.testng.annotations.AfterClass;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Real decoding processes over real videos, and real deaths. */
public class DecodingSlotTest {

  private static final PreprocessingOptions PREPROCESSING = PreprocessingOptions.defaults();
  private static final IsolationOptions ISOLATION =
      new IsolationOptions(Duration.ofMinutes(2), Duration.ofMinutes(10), 1L << 30);

  private Path folder;
  private Path brief;
  private Path twoClips;
  private Path longer;
  private DecodingSlot slot;

  /** For tests that leave its process as it is. */
  private DecodingSlot shared;

  @BeforeClass
  public void cutVideo() throws Exception {
    folder = Files.createTempDirectory("decoding-slot");
    brief = TestVideos.copy(TestVideos.CAP13, folder.resolve("brief.mp4"), "mp4", 20, 1);
    twoClips = TestVideos.copy(TestVideos.CAP13, folder.resolve("two-clips.mp4"), "mp4", 80, 1);
    longer = TestVideos.copy(TestVideos.CAP13, folder.resolve("longer.mp4"), "mp4", 300, 1);
    shared = open(ISOLATION);
  }

  @BeforeMethod
  public void openSlot() {
    slot = open(ISOLATION);
  }

  @AfterMethod(alwaysRun = true)
  public void closeSlot() throws IOException {
    slot.close();
  }

  @AfterClass(alwaysRun = true)
  public void removeFolder() throws IOException {
    shared.close();
    Folders.delete(folder);
  }

  @Test
  public void aVideoGivesWhatItGivesWithoutTheProcess() throws IOException {
    Clips here = new Clips();
    VideoReport reportHere;
    try (VideoPreprocessor preprocessor = VideoPreprocessor.open(PREPROCESSING)) {
      reportHere = preprocessor.process(request(twoClips), here::accept);
    }

    Clips there = new Clips();
    VideoReport reportThere = shared.decode(request(twoClips), there);

    assertThat(reportThere)
        .usingRecursiveComparison()
        .ignoringFields("times")
        .isEqualTo(reportHere);
    assertThat(there.hashes()).hasSize(2).isEqualTo(here.hashes());
  }

  @Test
  public void aCrashCostsTheVideoAndTheNextOneGoesOn() throws Exception {
    VideoReport report =
        whileDecoding(TestVideos.CAP12, new Clips(), child -> Processes.signal(child, "SEGV"));

    assertThat(report.outcome()).isEqualTo(Outcome.QUARANTINED);
    assertThat(report.reason()).isEqualTo("decoding crashed: SIGSEGV");
    assertThat(slot.decode(request(brief), new Clips()).outcome()).isEqualTo(Outcome.PROCESSED);
  }

  @Test
  public void aCrashInAUsedProcessIsTriedAgainByAFreshOne() throws Exception {
    Clips undisturbed = new Clips();
    slot.decode(request(longer), undisturbed);
    Clips disturbed = new Clips();

    VideoReport report =
        whileDecoding(
            longer,
            disturbed,
            child -> {
              await(() -> !disturbed.clips.isEmpty());
              Processes.signal(child, "KILL");
            });

    assertThat(report.outcome()).isEqualTo(Outcome.PROCESSED);
    assertThat(disturbed.drops).isEqualTo(1);
    assertThat(disturbed.hashes()).hasSize(5).isEqualTo(undisturbed.hashes());
  }

  @Test(dataProvider = "kills")
  public void aProcessKilledFromOutsideIsNoCrash(String signal) throws Exception {
    VideoReport report =
        whileDecoding(TestVideos.CAP12, new Clips(), child -> Processes.signal(child, signal));

    assertThat(report.outcome()).isEqualTo(Outcome.QUARANTINED);
    assertThat(report.reason()).startsWith("decoding killed from outside: by somebody");
  }

  @DataProvider
  public Object[][] kills() {
    return new Object[][] {{"KILL"}, {"TERM"}};
  }

  @Test
  public void whoIsInterruptedLeavesNoDeadProcessToTheNextVideo() throws IOException {
    ClipReceiver interrupted =
        new ClipReceiver() {
          @Override
          public void accept(Clip clip) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("what the receiver met");
          }

          @Override
          public void drop() {}
        };

    assertThatThrownBy(() -> slot.decode(request(brief), interrupted))
        .hasMessage("what the receiver met");
    assertThat(Thread.interrupted()).isTrue();
    assertThat(slot.decode(request(brief), new Clips()).outcome()).isEqualTo(Outcome.PROCESSED);
  }

  @Test
  public void aFileThatKeepsFFmpegBusyIsAHang() throws Exception {
    Path endless = DeadlyVideos.endless(folder.resolve("endless.mkv"), 1L << 36);
    try (DecodingSlot impatient =
        open(
            new IsolationOptions(
                Duration.ofSeconds(5), ISOLATION.videoLimit(), ISOLATION.memoryLimit()))) {
      VideoReport report = impatient.decode(request(endless), new Clips());

      assertThat(report.outcome()).isEqualTo(Outcome.QUARANTINED);
      assertThat(report.reason()).matches("decoding hung: no frame for 5 s at frame \\d+");
      assertThat(impatient.decode(request(brief), new Clips()).outcome())
          .isEqualTo(Outcome.PROCESSED);
    }
  }

  @Test
  public void aHangCostsTheVideoAndIsSaidWhere() throws Exception {
    try (DecodingSlot impatient =
        open(
            new IsolationOptions(
                Duration.ofSeconds(3), ISOLATION.videoLimit(), ISOLATION.memoryLimit()))) {
      slot = impatient;
      VideoReport report =
          whileDecoding(TestVideos.CAP12, new Clips(), child -> Processes.signal(child, "STOP"));

      assertThat(report.outcome()).isEqualTo(Outcome.QUARANTINED);
      assertThat(report.reason()).matches("decoding hung: no frame for 3 s at frame \\d+");
    }
  }

  @Test
  public void aDiskThatTakesNothingIsNoFaultOfTheVideo() throws IOException {
    slot.decode(request(brief), new Clips());
    Folders.delete(slot.folder());

    assertThatThrownBy(() -> slot.decode(request(brief), new Clips()))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("Cannot decode " + brief + ": Cannot open the temporary file")
        .hasMessageContaining("in " + slot.folder());
  }

  @Test
  public void aFileThatWentAwayIsUnreadableAndCostsNoProcess() throws IOException {
    shared.decode(request(brief), new Clips());
    long before = child(shared).pid();
    Path gone = folder.resolve("gone.mp4");

    VideoReport report = shared.decode(request(gone), new Clips());

    assertThat(report.outcome()).isEqualTo(Outcome.QUARANTINED);
    assertThat(report.reason()).isEqualTo("cannot be read: " + gone + ": not a file");
    assertThat(child(shared).pid()).isEqualTo(before);
  }

  @Test
  public void aVideoThatTakesTooLongIsGivenUp() throws IOException {
    try (DecodingSlot hasty =
        open(
            new IsolationOptions(
                ISOLATION.stallLimit(), Duration.ofSeconds(1), ISOLATION.memoryLimit()))) {
      hasty.decode(request(folder.resolve("another.mp4")), new Clips());
      Clips clips = new Clips();

      VideoReport report = hasty.decode(request(TestVideos.CAP12), clips);

      assertThat(report.outcome()).isEqualTo(Outcome.QUARANTINED);
      assertThat(report.reason()).matches("decoding too slow: more than 1 s at frame \\d+");
      assertThat(clips.drops).as("tried once, though the process was used before").isEqualTo(1);
      assertThat(report.times().decodeNanos()).isGreaterThan(Duration.ofSeconds(1).toNanos());
    }
  }

  @Test
  public void theProcessKnowsNothingOfTheEnvironment() throws IOException {
    shared.decode(request(brief), new Clips());

    String environment = Files.readString(Path.of("/proc", child(shared).pid() + "", "environ"));
    assertThat(
            Pattern.compile("\\x00")
                .splitAsStream(environment)
                .map(entry -> entry.replaceAll("(?s)=.*", "")))
        .contains("PATH")
        .isSubsetOf(
            "PATH",
            "HOME",
            "LANG",
            "LC_ALL",
            "LC_CTYPE",
            "LD_LIBRARY_PATH",
            "TMPDIR",
            "TZ",
            "PWD",
            "_",
            "OLDPWD",
            "SHLVL",
            "MALLOC_ARENA_MAX");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(shared.folder())))
        .isEqualTo("rwx------");
  }

  /** The holder is another JVM, as an executor is one. */
  @Test
  public void theProcessDiesWithItsExecutor() throws Exception {
    Path root = Files.createDirectory(folder.resolve("executor"));
    Process executor =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                SlotHolder.class.getName(),
                root.toString(),
                brief.toString(),
                TestVideos.CAP12.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader said = executor.inputReader()) {
      ProcessHandle child = ProcessHandle.of(Long.parseLong(said.readLine())).orElseThrow();
      await(() -> Processes.decodes(child, TestVideos.CAP12.toRealPath()));

      executor.destroyForcibly().waitFor();

      child.onExit().get(1, TimeUnit.MINUTES);
      assertThat(root).isEmptyDirectory();
    }
  }

  /** A dying executor may close what it reads before what it writes. */
  @Test
  public void theProcessEndsWithItsRepliesToo() throws Exception {
    Path own = Files.createDirectory(folder.resolve("unread"));
    Process process = DecodingCommand.of(ISOLATION, own).start();
    try (OutputStream requests = process.getOutputStream()) {
      var channel =
          new MessageChannel<>(
              process.getInputStream(),
              RecordFormat.of(Reply.class),
              requests,
              RecordFormat.of(Request.class));
      channel.send(new Request.Prepare(PREPROCESSING));
      assertThat(channel.receive()).isInstanceOf(Reply.Ready.class);

      process.getInputStream().close();
      channel.send(new Request.Decode(request(TestVideos.CAP12)));

      process.onExit().get(1, TimeUnit.MINUTES);
      assertThat(own).doesNotExist();
    }
  }

  private interface Deed {
    void on(ProcessHandle child) throws Exception;
  }

  /** Decodes a video in the slot and does something to its process while that has it open. */
  private VideoReport whileDecoding(Path video, Clips clips, Deed deed) throws Exception {
    CompletableFuture<VideoReport> report =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return slot.decode(request(video), clips);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    Path real = video.toRealPath();
    await(
        () ->
            report.isDone()
                || ProcessHandle.current()
                    .children()
                    .anyMatch(child -> Processes.decodes(child, real)));
    assertThat(report).isNotDone();
    deed.on(child(slot));
    return report.get(5, TimeUnit.MINUTES);
  }

  private static void await(Callable<Boolean> condition) {
    Awaitility.await()
        .atMost(5, TimeUnit.MINUTES)
        .pollInterval(20, TimeUnit.MILLISECONDS)
        .until(condition);
  }

  /** The slot's own: tasks of other tests keep theirs for the next. */
  private static ProcessHandle child(DecodingSlot slot) {
    return ProcessHandle.current()
        .children()
        .filter(child -> Processes.runs(child, slot.folder().toString()))
        .findFirst()
        .orElseThrow();
  }

  private DecodingSlot open(IsolationOptions isolation) {
    return DecodingSlot.open(new DecodingSlot.Settings(PREPROCESSING, isolation, List.of(folder)));
  }

  static VideoRequest request(Path video) {
    return new VideoRequest(video, "v", List.of());
  }

  /** What a task would spill. */
  static final class Clips implements ClipReceiver {
    private final List<Clip> clips = new ArrayList<>();
    private int drops;

    List<String> hashes() throws IOException {
      RecordFormat<Clip> format = RecordFormat.of(Clip.class);
      List<String> hashes = new ArrayList<>();
      for (Clip clip : clips) {
        hashes.add(DigestUtils.sha256Hex(RecordFormatTest.bytes(format, clip)));
      }
      return hashes;
    }

    @Override
    public void accept(Clip clip) {
      clips.add(clip);
    }

    @Override
    public void drop() {
      clips.clear();
      drops++;
    }
  }
}
