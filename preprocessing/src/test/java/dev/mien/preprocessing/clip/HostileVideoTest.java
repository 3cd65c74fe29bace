package dev.mien.preprocessing.clip;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUVJ420P;
import static org.bytedeco.opencv.global.opencv_imgproc.resize;

import dev.mien.preprocessing.TestVideos;
import dev.mien.preprocessing.video.BrokenVideoException;
import dev.mien.preprocessing.video.DecodeOptions;
import dev.mien.preprocessing.video.Decoder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Size;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/**
 * Files that lie about what they hold: each has one outcome, and what they claim is not believed.
 */
public class HostileVideoTest extends PreprocessorFixture {
  private static final int FRAMES = 30;
  private static final long MEBIBYTE = 1 << 20;

  private List<Mat> faces;

  @BeforeClass
  public void warmUp() throws Exception {
    faces = TestVideos.frames(TestVideos.CAP12, FRAMES);
    process(TestVideos.write(folder.resolve("warm.mp4"), faces, 25, 0)); // models take memory too
  }

  @Test
  public void aHeaderThatClaimsAHugeFrameIsRefusedUnread() throws Exception {
    Path file = folder.resolve("huge.mp4");
    TestVideos.encode(file, "libopenh264", AV_PIX_FMT_YUV420P, faces, 25);
    byte[] bytes = Files.readAllBytes(file);
    int sample = last(bytes, "avc1");
    ByteBuffer.wrap(bytes).putShort(sample + 28, (short) 30_000);
    ByteBuffer.wrap(bytes).putShort(sample + 30, (short) 30_000);
    assertBounded(
        Files.write(file, bytes), // whose track is still to be shown at 4:3
        Outcome.REJECTED,
        "frame too large: 40000x30000 (at most 4096)");
  }

  @Test
  public void aCodecThatClaimsMoreThanTheHeaderIsStopped() throws Exception {
    byte[] bytes = Files.readAllBytes(TestVideos.stored("large_sps.mp4", folder));
    assertBounded(
        folder.resolve("large_sps.mp4"),
        Outcome.REJECTED,
        "frame too large: 8192x8192 (at most 4096)");
    try (Decoder decoder =
        Decoder.open(folder.resolve("large_sps.mp4"), DecodeOptions.defaults())) {
      assertThatThrownBy(decoder::next).as("its frame").isInstanceOf(BrokenVideoException.class);
    }
    int sample = last(bytes, "avc1");
    ByteBuffer.wrap(bytes).putShort(sample + 28, (short) 400).putShort(sample + 30, (short) 300);
    Path file = Files.write(folder.resolve("hidden.mp4"), bytes);
    assertBounded(file, Outcome.REJECTED, "frame too large: 8192x8192 (at most 4096)");
  }

  @Test
  public void aStreamThatNoHeaderNamesIsBoundedToo() throws Exception {
    byte[] bytes = Files.readAllBytes(TestVideos.stored("large_sps.flv", folder));
    String reason = "frame too large: 8192x8192 (at most 4096)";
    assertBounded(folder.resolve("large_sps.flv"), Outcome.REJECTED, reason);
    bytes[at(bytes, "width", 0)] = 'W'; // only the codec says how large its frames are
    bytes[at(bytes, "height", 0)] = 'H';
    assertBounded(Files.write(folder.resolve("unnamed.flv"), bytes), Outcome.REJECTED, reason);
  }

  @Test
  public void aFrameThatGrowsInMidStreamIsNotAllocated() throws Exception {
    Path file = movingJpeg("grows.avi");
    byte[] bytes = Files.readAllBytes(file);
    int frame = 0;
    for (int i = 0; i + 9 < bytes.length; i++) {
      boolean isHeader = bytes[i] == (byte) 0xFF && bytes[i + 1] == (byte) 0xC0;
      if (isHeader && frame++ >= 2) {
        ByteBuffer.wrap(bytes).putShort(i + 5, (short) 30_000).putShort(i + 7, (short) 30_000);
      }
    }
    assertThat(frame).isEqualTo(FRAMES);
    assertBounded(
        Files.write(file, bytes), Outcome.QUARANTINED, "decoding stopped early: 2 of 30 frames");
  }

  @Test
  public void aFrameSizeThatChangesIsScaledToTheFirst() throws Exception {
    List<Mat> small = new ArrayList<>();
    try (Size size = new Size(320, 240)) {
      for (Mat face : faces) {
        Mat scaled = new Mat();
        resize(face, scaled, size);
        small.add(scaled);
      }
    }
    Path first = folder.resolve("first.ts");
    Path second = folder.resolve("second.ts");
    TestVideos.encode(first, "mpeg2video", AV_PIX_FMT_YUV420P, faces, 25);
    TestVideos.encode(second, "mpeg2video", AV_PIX_FMT_YUV420P, small, 25);
    Files.write(first, Files.readAllBytes(second), StandardOpenOption.APPEND);
    VideoReport report = process(first);
    assertThat(report.reason()).isEmpty();
    // The last frame before the change is lost in the joint.
    assertThat(report.framesDecoded()).isBetween(2 * FRAMES - 1, 2 * FRAMES);
    assertThat(report.tracks()).hasSize(1);
    assertThat(report.tracks().get(0).boxes()[4 * FRAMES + 4 + 2])
        .as("width of the face after the change")
        .isBetween(60f, 200f);
  }

  @Test
  public void aRateNobodyCanFilmIsTakenForTwentyFive() throws Exception {
    for (int rate : new int[] {0, 90_000, Integer.MAX_VALUE}) {
      Path file = movingJpeg("rate.avi");
      byte[] bytes = Files.readAllBytes(file);
      ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      header.putInt(at(bytes, "vids", 20), 1).putInt(at(bytes, "vids", 24), rate);
      VideoReport report = process(Files.write(file, bytes));
      assertProcessed(report, FRAMES);
      assertThat(report.probe().framesPerSecond()).as("rate %d", rate).isEqualTo(25);
      long[] times = report.tracks().get(0).timestampsMicros();
      for (int i = 1; i < times.length; i++) {
        assertThat(times[i] - times[i - 1]).as("rate %d, frame %d", rate, i).isEqualTo(40_000);
      }
      clips.clear();
    }
  }

  @Test
  public void timesThatStandStillOrLeapAreMadeToGrow() throws Exception {
    Path file = TestVideos.write(folder.resolve("times.mp4"), faces, 25, 0);
    byte[] bytes = Files.readAllBytes(file);
    int step = at(bytes, "stts", 16);
    ByteBuffer.wrap(bytes).putInt(step, 0);
    VideoReport report = process(Files.write(file, bytes));
    assertProcessed(report, FRAMES);
    long[] times = report.tracks().get(0).timestampsMicros();
    for (int i = 1; i < times.length; i++) {
      assertThat(times[i] - times[i - 1]).as("frame %d", i).isEqualTo(40_000);
    }
    clips.clear();
    ByteBuffer.wrap(bytes).putInt(step, Integer.MAX_VALUE);
    report = process(Files.write(file, bytes));
    assertNothing(report, Outcome.QUARANTINED, "decoding stopped early: 1 of 30 frames");
  }

  @Test
  public void anEndlessDurationIsRefused() throws Exception {
    Path file = folder.resolve("endless.mkv");
    TestVideos.encode(file, "mpeg4", AV_PIX_FMT_YUV420P, faces, 25);
    byte[] bytes = Files.readAllBytes(file);
    int duration = at(bytes, "D\u0089\u0088", 3);
    ByteBuffer.wrap(bytes).putDouble(duration, 1e15);
    bytes[at(bytes, "DURATION", 0)] = 'N'; // the track states its own
    VideoReport report = process(Files.write(file, bytes));
    assertNothing(report, Outcome.QUARANTINED, "decoding stopped early: 1.2 of 1000000000000.0 s");
  }

  @Test
  public void aVideoOfWhichTheDiskIsTooSmallIsGivenUp() throws Exception {
    Path file = TestVideos.write(folder.resolve("many.mp4"), faces, 25, 0);
    double disk = Files.getFileStore(Path.of(System.getProperty("java.io.tmpdir"))).getTotalSpace();
    try (VideoPreprocessor onSmallDisk =
        VideoPreprocessor.open(PreprocessingOptions.defaults(), 5000 / disk)) {
      VideoReport report = onSmallDisk.process(new VideoRequest(file, "v", List.of()), clips::add);
      assertThat(report.outcome()).isEqualTo(Outcome.QUARANTINED);
      assertThat(report.reason())
          .isEqualTo(
              "faces larger than the local disk: more than 0.000 GiB in "
                  + System.getProperty("java.io.tmpdir"));
      assertThat(report.framesDecoded()).isBetween(2, FRAMES - 1);
      assertThat(clips).isEmpty();
    }
  }

  @Test
  public void promisedFramesThatAreNotThereAreMissed() throws Exception {
    Path file = TestVideos.write(folder.resolve("promised.mp4"), faces, 25, 0);
    byte[] bytes = Files.readAllBytes(file);
    int from = at(bytes, "mdat", 4);
    int to = last(bytes, "moov") - 4;
    Arrays.fill(bytes, (from + to) / 2, to, (byte) 0);
    VideoReport report = process(Files.write(file, bytes));
    assertThat(report.outcome()).isEqualTo(Outcome.QUARANTINED);
    assertThat(report.reason()).matches("decoding stopped early: 1[0-9] of 30 frames");
    assertThat(report.times().detectNanos()).isPositive();
    assertThat(report.times().landmarkNanos()).isPositive();
    Path matroska = folder.resolve("promised.mkv");
    TestVideos.encode(matroska, "mpeg4", AV_PIX_FMT_YUV420P, faces, 25);
    bytes = Files.readAllBytes(matroska);
    report = process(Files.write(matroska, Arrays.copyOf(bytes, bytes.length / 2)));
    assertThat(report.outcome()).isEqualTo(Outcome.QUARANTINED);
    assertThat(report.reason()).matches("decoding stopped early: 0\\.[0-9] of 1\\.2 s");
  }

  @Test
  public void aCoverPictureIsNoVideo() throws Exception {
    Path file = TestVideos.stored("cover.m4a", folder);
    assertNothing(process(file), Outcome.REJECTED, "no video stream: cover picture only");
  }

  private Path movingJpeg(String name) throws Exception {
    return TestVideos.encode(folder.resolve(name), "mjpeg", AV_PIX_FMT_YUVJ420P, faces, 25);
  }

  private void assertProcessed(VideoReport report, int frames) {
    assertThat(report.reason()).isEmpty();
    assertThat(report.outcome()).isEqualTo(Outcome.PROCESSED);
    assertThat(report.framesDecoded()).isEqualTo(frames);
    assertThat(clips.stream().mapToInt(Clip::frames).sum()).isEqualTo(frames);
  }

  private void assertNothing(VideoReport report, Outcome outcome, String reason) {
    assertThat(report.reason()).isEqualTo(reason);
    assertThat(report.outcome()).isEqualTo(outcome);
    assertThat(clips).isEmpty();
  }

  /** Also asserts that the process's memory never rose by what such a frame would take. */
  private void assertBounded(Path file, Outcome outcome, String reason) throws IOException {
    Files.writeString(Path.of("/proc/self/clear_refs"), "5"); // the peak starts anew
    long before = status("VmRSS");
    VideoReport report = process(file);
    assertNothing(report, outcome, reason);
    assertThat(status("VmHWM") - before).as("growth of memory in bytes").isLessThan(48 * MEBIBYTE);
  }

  private static long status(String key) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith(key + ":")) {
        return 1024 * Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    throw new IOException("No " + key + " in /proc/self/status");
  }

  private static int at(byte[] bytes, String tag, int offset) {
    int index = new String(bytes, ISO_8859_1).indexOf(tag);
    assertThat(index).as("place of %s", tag).isNotNegative();
    return index + offset;
  }

  private static int last(byte[] bytes, String tag) {
    return new String(bytes, ISO_8859_1).lastIndexOf(tag);
  }
}
