package dev.mien.preprocessing.clip;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;

import dev.mien.preprocessing.TestVideos;
import dev.mien.preprocessing.video.DecodeOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Files that give no clip, and what is said of each. */
public class UselessVideoTest extends PreprocessorFixture {

  @Test
  public void anEmptyFileIsQuarantined() throws IOException {
    Path file = Files.createFile(folder.resolve("empty.mp4"));
    assertNothing(process(file), Outcome.QUARANTINED, "empty file");
  }

  @Test
  public void textIsQuarantined() throws IOException {
    Path file = Files.writeString(folder.resolve("text.mp4"), "not a video\n".repeat(1000));
    VideoReport report = process(file);
    assertNothing(
        report, Outcome.QUARANTINED, "cannot be opened: Invalid data found when processing input");
    assertThat(report.probe()).isNull();
  }

  @DataProvider
  public Object[][] otherKinds() throws IOException {
    byte[] wave = new byte[4096];
    ByteBuffer.wrap(wave)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put("RIFF\0\020\0\0WAVEfmt ".getBytes(ISO_8859_1))
        .putInt(16)
        .putShort((short) 1)
        .putShort((short) 1)
        .putInt(16_000)
        .putInt(32_000)
        .putShort((short) 2)
        .putShort((short) 16)
        .put("data".getBytes(ISO_8859_1))
        .putInt(4052);
    String raw = "YUV4MPEG2 W16 H16 F25:1 Ip A1:1 C420jpeg\nFRAME\n" + "x".repeat(384);
    String playlist = "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\na.ts\n#EXT-X-ENDLIST\n";
    String accepted = " (accepted: mp4, mov, 3gp, mkv, webm, avi, ts, mpg, flv, wmv, ogg)";
    return new Object[][] {
      {
        Files.writeString(folder.resolve("raw.y4m"), raw),
        "unsupported container: yuv4mpegpipe" + accepted
      },
      {
        Files.writeString(folder.resolve("list.m3u8"), playlist),
        "unsupported container: hls" + accepted
      },
      {Files.write(folder.resolve("sound.wav"), wave), "no video stream: audio only, wav"},
    };
  }

  @Test(dataProvider = "otherKinds")
  public void otherKindsOfFilesAreRejected(Path file, String reason) throws IOException {
    VideoReport report = process(file);
    assertNothing(report, Outcome.REJECTED, reason);
    assertThat(report.probe()).isNull();
  }

  @Test
  public void aFileWithoutItsEndIsQuarantined() throws IOException {
    byte[] whole = Files.readAllBytes(TestVideos.CAP13);
    for (double share : new double[] {0.01, 0.3, 0.6}) {
      int length = (int) (whole.length * share);
      Path file = Files.write(folder.resolve("cut.mp4"), Arrays.copyOf(whole, length));
      VideoReport report = process(file);
      assertThat(report.outcome()).as("first %s of the file", share).isEqualTo(Outcome.QUARANTINED);
      assertThat(report.reason()).isNotBlank().doesNotContain(folder.toString());
      assertThat(report.tracks()).isEmpty();
      assertThat(clips).isEmpty();
    }
  }

  @Test
  public void overwrittenBytesCostTheirFramesAlone() throws IOException {
    byte[] bytes = Files.readAllBytes(TestVideos.CAP13);
    Arrays.fill(bytes, bytes.length / 4, bytes.length / 4 + 20_000, (byte) 0x5A);
    VideoReport report = process(Files.write(folder.resolve("damaged.mp4"), bytes));
    assertThat(report.outcome()).isEqualTo(Outcome.PROCESSED);
    assertThat(report.reason()).isEmpty();
    assertThat(report.framesDecoded()).as("of 765, without those overwritten").isBetween(700, 764);
    assertThat(clips).hasSizeBetween(11, 12);
  }

  @Test
  public void soundAloneIsRejected() throws Exception {
    Path file = TestVideos.writeSound(folder.resolve("sound.mp4"));
    assertNothing(process(file), Outcome.REJECTED, "no video stream: audio only");
  }

  @Test
  public void aVideoWithoutFacesIsRejected() throws Exception {
    Mat wall = new Mat(300, 400, CV_8UC3, new Scalar(120, 140, 160, 0));
    Path file = TestVideos.write(folder.resolve("wall.mp4"), Collections.nCopies(30, wall), 25, 0);
    VideoReport report = process(file);
    assertNothing(report, Outcome.REJECTED, "no face found");
    assertThat(report.framesDecoded()).isEqualTo(30);
    assertThat(report.probe().width()).isEqualTo(400);
  }

  @Test
  public void aFaceSeenTooBrieflyIsRejected() throws Exception {
    List<Mat> faces = TestVideos.frames(TestVideos.CAP12, 10);
    Path file = TestVideos.write(folder.resolve("brief.mp4"), faces, 25, 0);
    assertNothing(
        process(file),
        Outcome.REJECTED,
        "no face track: longest 10 frames (at least 16 with landmarks in 25 %)");
  }

  @Test
  public void limitsAreKept() throws IOException {
    PreprocessingOptions narrow = ChangedOptions.of(new DecodeOptions(30, 320, 54_000, 0.9));
    try (VideoPreprocessor limited = VideoPreprocessor.open(narrow)) {
      VideoReport report =
          limited.process(new VideoRequest(TestVideos.CAP12, "v", List.of()), clips::add);
      assertNothing(report, Outcome.REJECTED, "frame too large: 400x300 (at most 320)");
    }
    PreprocessingOptions brief = ChangedOptions.of(new DecodeOptions(30, 8192, 100, 0.9));
    try (VideoPreprocessor limited = VideoPreprocessor.open(brief)) {
      VideoReport report =
          limited.process(new VideoRequest(TestVideos.CAP12, "v", List.of()), clips::add);
      assertNothing(report, Outcome.REJECTED, "too many frames: 1337 promised, at most 100");
    }
  }

  @Test
  public void aMissingFileIsTheCallersError() {
    assertThatThrownBy(() -> process(folder.resolve("missing.mp4")))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("missing.mp4");
  }

  private void assertNothing(VideoReport report, Outcome outcome, String reason) {
    assertThat(report.reason()).isEqualTo(reason);
    assertThat(report.outcome()).isEqualTo(outcome);
    assertThat(report.tracks()).isEmpty();
    assertThat(clips).isEmpty();
  }
}
