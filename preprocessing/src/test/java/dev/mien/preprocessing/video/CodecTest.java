package dev.mien.preprocessing.video;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUVJ420P;
import static org.bytedeco.opencv.global.opencv_core.PSNR;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_AREA;
import static org.bytedeco.opencv.global.opencv_imgproc.resize;

import dev.mien.preprocessing.TestVideos;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Size;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Every kind of video comes out with the frames, the times and the pixels that went in. */
public class CodecTest {
  private static final int FRAMES = 12;

  private final List<Mat> source = new ArrayList<>();
  private Path folder;

  @BeforeClass
  public void makeSource() throws Exception {
    folder = Files.createTempDirectory("codecs");
    source.addAll(TestVideos.frames(TestVideos.CAP12, FRAMES));
  }

  @DataProvider
  public Object[][] encoders() {
    return new Object[][] {
      {"libopenh264", "h264", "mp4", AV_PIX_FMT_YUV420P, 160, 120},
      {"libvpx", "vp8", "webm", AV_PIX_FMT_YUV420P, 160, 120},
      {"libvpx-vp9", "vp9", "webm", AV_PIX_FMT_YUV420P, 160, 120},
      {"libsvtav1", "av1", "mp4", AV_PIX_FMT_YUV420P, 160, 120},
      {"mjpeg", "mjpeg", "avi", AV_PIX_FMT_YUVJ420P, 160, 120},
      {"mpeg4", "mpeg4", "mkv", AV_PIX_FMT_YUV420P, 160, 120},
    };
  }

  @Test(dataProvider = "encoders")
  public void framesComeOutAsTheyWentIn(
      String encoder, String codec, String format, int pixelFormat, int width, int height)
      throws Exception {
    Path video = folder.resolve(encoder + "." + format);
    long[] times = new long[FRAMES];
    for (int i = 0; i < FRAMES; i++) {
      times[i] = 40_000L * i;
    }
    write(video, encoder, pixelFormat, scaled(width, height), times, 0);
    assertDecodes(video, codec, width, height, times);
  }

  @DataProvider
  public Object[][] storedFiles() {
    return new Object[][] {
      {"hevc.mp4", "hevc", 160, 120},
      {"h264_10bit.mp4", "h264", 160, 120},
      {"vp9_odd.webm", "vp9", 161, 121},
    };
  }

  @Test(dataProvider = "storedFiles")
  public void kindsThatCannotBeWrittenHereDecode(String name, String codec, int width, int height)
      throws Exception {
    long[] times = new long[FRAMES];
    for (int i = 0; i < FRAMES; i++) {
      times[i] = 40_000L * i;
    }
    assertDecodes(TestVideos.stored(name, folder), codec, width, height, times);
  }

  @Test
  public void aVariableRateKeepsItsTimes() throws Exception {
    long[] times = new long[FRAMES];
    for (int i = 1; i < FRAMES; i++) {
      times[i] = times[i - 1] + (i % 3 == 0 ? 120_000 : 40_000);
    }
    Path video = folder.resolve("variable.mkv");
    write(video, "mpeg4", AV_PIX_FMT_YUV420P, scaled(160, 120), times, 0);
    assertDecodes(video, "mpeg4", 160, 120, times);
  }

  @Test
  public void soundIsLeftAside() throws Exception {
    Path video = folder.resolve("sound.mp4");
    long[] times = new long[FRAMES];
    for (int i = 0; i < FRAMES; i++) {
      times[i] = 40_000L * i;
    }
    write(video, "libopenh264", AV_PIX_FMT_YUV420P, scaled(160, 120), times, FRAMES / 25.0);
    assertDecodes(video, "h264", 160, 120, times);
  }

  @Test
  public void ofSeveralStreamsTheDefaultIsDecoded() throws Exception {
    Path video = TestVideos.stored("two_streams.mp4", folder);
    try (Decoder decoder = Decoder.open(video, DecodeOptions.defaults())) {
      assertThat(decoder.width()).isEqualTo(160);
      int frames = 0;
      while (decoder.next()) {
        assertThat(decoder.frame().cols()).isEqualTo(160);
        frames++;
      }
      assertThat(frames).isEqualTo(6);
    }
  }

  @Test
  public void aSecondPassGivesTheSameFramesFromMemoryOrNot() throws Exception {
    List<Mat> first = new ArrayList<>();
    List<Long> times = new ArrayList<>();
    try (Decoder held = Decoder.open(TestVideos.CAP13, DecodeOptions.defaults());
        Decoder decodedAgain = Decoder.open(TestVideos.CAP13, DecodeOptions.defaults(), 0)) {
      for (int i = 0; i < 40; i++) {
        assertThat(held.next()).isTrue();
        assertThat(decodedAgain.next()).isTrue();
        first.add(held.frame().clone());
        times.add(held.timestampMicros());
      }
      held.rewind();
      decodedAgain.rewind();
      for (Decoder again : List.of(held, decodedAgain)) {
        for (int i = 0; i < 40; i++) {
          assertThat(again.next()).isTrue();
          assertThat(again.timestampMicros()).isEqualTo(times.get(i));
          // Equal images have no noise to compare: OpenCV then gives the largest ratio there is.
          assertThat(PSNR(again.frame(), first.get(i))).as("frame %d", i).isGreaterThan(300);
        }
      }
      assertThat(held.next()).isFalse();
    }
  }

  @Test
  public void aSecondPassFromMemoryCountsItsFrames() throws Exception {
    Path video = TestVideos.write(folder.resolve("counted.mp4"), source, 60, 0);
    try (Decoder decoder = Decoder.open(video, DecodeOptions.defaults())) {
      List<Integer> first = new ArrayList<>();
      while (decoder.next()) {
        first.add(decoder.sourceFrames());
      }
      decoder.rewind();
      for (int count : first) {
        assertThat(decoder.next()).isTrue();
        assertThat(decoder.sourceFrames()).isEqualTo(count);
      }
      assertThat(decoder.next()).isFalse();
    }
  }

  private void assertDecodes(Path video, String codec, int width, int height, long[] times)
      throws Exception {
    List<Mat> expected = scaled(width, height);
    try (Decoder decoder = Decoder.open(video, DecodeOptions.defaults())) {
      assertThat(decoder.codec()).isEqualTo(codec);
      assertThat(decoder.width()).isEqualTo(width);
      assertThat(decoder.height()).isEqualTo(height);
      long first = 0;
      for (int i = 0; i < FRAMES; i++) {
        assertThat(decoder.next()).as("frame %d of %s", i, video).isTrue();
        first = i == 0 ? decoder.timestampMicros() : first;
        assertThat(decoder.timestampMicros() - first)
            .as("time of frame %d of %s", i, video)
            .isCloseTo(times[i], within(1_000L)); // Matroska counts milliseconds
        assertThat(PSNR(decoder.frame(), expected.get(i)))
            .as("signal to noise of frame %d of %s, in dB", i, video)
            .isGreaterThan(30);
      }
      assertThat(decoder.next()).isFalse();
      assertThat(decoder.decodedShare()).as(decoder.progress()).isBetween(0.9, 1.1);
    }
  }

  private List<Mat> scaled(int width, int height) {
    List<Mat> scaled = new ArrayList<>();
    try (Size size = new Size(width, height)) {
      for (Mat frame : source) {
        Mat small = new Mat();
        resize(frame, small, size, 0, 0, INTER_AREA);
        scaled.add(small);
      }
    }
    return scaled;
  }

  private static void write(
      Path file, String encoder, int pixelFormat, List<Mat> frames, long[] times, double sound)
      throws Exception {
    TestVideos.writeAt(
        file,
        frames,
        times,
        sound,
        recorder -> {
          recorder.setVideoCodecName(encoder);
          recorder.setPixelFormat(pixelFormat);
          recorder.setVideoBitrate(2_000_000);
        });
  }
}
