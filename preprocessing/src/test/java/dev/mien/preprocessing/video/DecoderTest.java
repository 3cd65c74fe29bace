package dev.mien.preprocessing.video;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;
import static org.bytedeco.opencv.global.opencv_core.NORM_INF;
import static org.bytedeco.opencv.global.opencv_core.ROTATE_180;
import static org.bytedeco.opencv.global.opencv_core.ROTATE_90_CLOCKWISE;
import static org.bytedeco.opencv.global.opencv_core.ROTATE_90_COUNTERCLOCKWISE;
import static org.bytedeco.opencv.global.opencv_core.mean;
import static org.bytedeco.opencv.global.opencv_core.noArray;
import static org.bytedeco.opencv.global.opencv_core.norm;
import static org.bytedeco.opencv.global.opencv_core.rotate;

import dev.mien.preprocessing.TestVideos;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Rect;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

public class DecoderTest {
  private Path folder;

  @BeforeClass
  public void makeFolder() throws IOException {
    folder = Files.createTempDirectory("decoder");
  }

  @DataProvider
  public Object[][] samples() {
    return new Object[][] {{TestVideos.CAP12, 1337}, {TestVideos.CAP13, 765}};
  }

  @Test(dataProvider = "samples")
  public void samplesDecodeToTheirLastFrame(Path video, int frames) throws Exception {
    try (Decoder decoder = Decoder.open(video, DecodeOptions.defaults())) {
      assertThat(decoder.framesPromised()).isEqualTo(frames);
      List<Long> times = new ArrayList<>();
      while (decoder.next()) {
        times.add(decoder.timestampMicros());
        assertThat(decoder.frame().cols()).isEqualTo(400);
        assertThat(decoder.frame().rows()).isEqualTo(300);
      }
      assertThat(times).hasSize(frames);
      for (int i = 0; i < frames; i++) {
        assertThat(times.get(i)).as("time of frame %d", i).isEqualTo(times.get(0) + 40_000L * i);
      }
    }
  }

  @Test
  public void fastVideoIsThinnedByAWholeFactor() throws Exception {
    Path video = TestVideos.write(folder.resolve("fast.mp4"), greys(40), 60, 0);
    try (Decoder decoder = Decoder.open(video, DecodeOptions.defaults())) {
      assertThat(decoder.stride()).isEqualTo(2);
      List<Long> times = new ArrayList<>();
      List<Double> levels = new ArrayList<>();
      while (decoder.next()) {
        times.add(decoder.timestampMicros());
        levels.add(mean(decoder.frame()).get(0));
      }
      assertThat(times).hasSize(20);
      assertThat(decoder.sourceFrames()).isEqualTo(40);
      assertThat(times.get(19) - times.get(0)).isBetween(633_000L, 633_400L); // 19 / 30 s
      // Frame i has level 50 + 4 i: every second one is kept, from the first on.
      assertThat(levels.get(3)).isBetween(70.0, 78.0);
    }
  }

  @Test
  public void aFileThatIsNotGivenIsUnreadableAndNotBroken() throws Exception {
    Path video = TestVideos.write(folder.resolve("gone.mp4"), greys(3), 25, 0);
    try (Decoder decoder = Decoder.open(video, DecodeOptions.defaults(), 0)) {
      assertThat(decoder.next()).isTrue();
      Files.delete(video);

      assertThatThrownBy(decoder::rewind)
          .isInstanceOf(BrokenVideoException.class)
          .hasMessage("cannot be read: No such file or directory");
    }
    assertThatThrownBy(() -> Decoder.open(video, DecodeOptions.defaults()))
        .hasMessage("cannot be read: No such file or directory");
    assertThatThrownBy(() -> Decoder.open(folder, DecodeOptions.defaults()))
        .as("it is opened, and the first read fails")
        .hasMessage("cannot be read: Is a directory");
  }

  @Test
  public void closingTwiceIsClosingOnce() throws Exception {
    Path video = TestVideos.write(folder.resolve("closed.mp4"), greys(3), 25, 0);
    Decoder decoder = Decoder.open(video, DecodeOptions.defaults());
    assertThat(decoder.next()).isTrue();
    assertThat(decoder.frame().cols()).isEqualTo(64);
    decoder.close();
    decoder.close();
  }

  @Test
  public void thirtyFramesPerSecondAreKept() throws Exception {
    Path video = TestVideos.write(folder.resolve("thirty.mp4"), greys(10), 30, 0);
    try (Decoder decoder = Decoder.open(video, DecodeOptions.defaults())) {
      assertThat(decoder.stride()).isEqualTo(1);
    }
  }

  @DataProvider
  public Object[][] turns() {
    // How the picture lay when it was filmed, and the counter-clockwise turn the container states.
    return new Object[][] {{ROTATE_90_COUNTERCLOCKWISE, -90, 90}, {ROTATE_90_CLOCKWISE, 90, 270}};
  }

  @Test(dataProvider = "turns")
  public void storedRotationIsApplied(int filmed, int displayRotation, int expected)
      throws Exception {
    // Upright: bright upper half in a 64x96 picture.
    Mat upright = new Mat(96, 64, CV_8UC3, new Scalar(20, 20, 20, 0));
    new Mat(48, 64, CV_8UC3, new Scalar(230, 230, 230, 0))
        .copyTo(new Mat(upright, new Rect(0, 0, 64, 48)));
    Mat lying = new Mat();
    rotate(upright, lying, filmed);
    Path video =
        TestVideos.write(
            folder.resolve("turn" + expected + ".mp4"),
            Collections.nCopies(5, lying),
            25,
            displayRotation);
    try (Decoder decoder = Decoder.open(video, DecodeOptions.defaults())) {
      assertThat(decoder.rotation()).isEqualTo(expected);
      assertThat(decoder.width()).isEqualTo(64);
      assertThat(decoder.height()).isEqualTo(96);
      assertThat(decoder.next()).isTrue();
      assertThat(decoder.frame().rows()).isEqualTo(96);
      assertThat(mean(decoder.frame().rowRange(0, 40)).get(0)).isGreaterThan(200);
      assertThat(mean(decoder.frame().rowRange(56, 96)).get(0)).isLessThan(50);
    }
  }

  @DataProvider
  public Object[][] quarterTurns() {
    return new Object[][] {
      {-90, ROTATE_90_CLOCKWISE}, {180, ROTATE_180}, {90, ROTATE_90_COUNTERCLOCKWISE}
    };
  }

  @Test(dataProvider = "quarterTurns")
  public void aTurnedFrameHasThePixelsOfTheOneThatLies(int displayRotation, int turn)
      throws Exception {
    List<Mat> frames = TestVideos.frames(TestVideos.CAP12, 2);
    Path lying = TestVideos.write(folder.resolve("lying.mp4"), frames, 25, 0);
    Path turned = TestVideos.write(folder.resolve("turned.mp4"), frames, 25, displayRotation);
    try (Decoder plain = Decoder.open(lying, DecodeOptions.defaults());
        Decoder upright = Decoder.open(turned, DecodeOptions.defaults());
        Mat expected = new Mat()) {
      for (int i = 0; i < frames.size(); i++) {
        assertThat(plain.next()).isTrue();
        assertThat(upright.next()).isTrue();
        rotate(plain.frame(), expected, turn);
        assertThat(upright.frame().cols()).isEqualTo(upright.width());
        assertThat(norm(upright.frame(), expected, NORM_INF, noArray()))
            .as("difference of frame %d", i)
            .isZero();
        assertThat(upright.unturned().cols()).isEqualTo(plain.width());
      }
    }
  }

  @DataProvider
  public Object[][] pixelShapes() {
    return new Object[][] {{4 / 3.0, 85}, {0.5, 32}, {1.0, 64}, {100.0, 64}};
  }

  @Test(dataProvider = "pixelShapes")
  public void framesAreStretchedToSquarePixels(double widthOfPixel, int width) throws Exception {
    Mat coded = new Mat(48, 64, CV_8UC3, new Scalar(20, 20, 20, 0));
    new Mat(48, 32, CV_8UC3, new Scalar(230, 230, 230, 0))
        .copyTo(new Mat(coded, new Rect(0, 0, 32, 48)));
    Path video =
        TestVideos.writeAt(
            folder.resolve("pixels.mkv"),
            Collections.nCopies(3, coded),
            new long[] {0, 40_000, 80_000},
            0,
            recorder -> recorder.setAspectRatio(widthOfPixel));
    try (Decoder decoder = Decoder.open(video, DecodeOptions.defaults())) {
      assertThat(decoder.width()).isEqualTo(width);
      assertThat(decoder.height()).isEqualTo(48);
      assertThat(decoder.next()).isTrue();
      assertThat(decoder.frame().cols()).isEqualTo(width);
      assertThat(mean(decoder.frame().colRange(0, width / 2 - 2)).get(0)).isGreaterThan(200);
      assertThat(mean(decoder.frame().colRange(width / 2 + 2, width)).get(0)).isLessThan(50);
    }
  }

  @Test
  public void playlistsAreRefused() throws Exception {
    Path playlist = folder.resolve("list.m3u8");
    Files.writeString(
        playlist,
        "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n"
            + TestVideos.CAP13.toAbsolutePath()
            + "\n#EXT-X-ENDLIST\n");
    assertThatThrownBy(() -> Decoder.open(playlist, DecodeOptions.defaults()))
        .isInstanceOf(UnsupportedVideoException.class)
        .hasMessageStartingWith("unsupported container: hls ");
  }

  @Test
  public void cutsAreFoundAndMotionIsNot() throws Exception {
    try (ShotDetector shots = new ShotDetector();
        Decoder decoder = Decoder.open(TestVideos.CAP13, DecodeOptions.defaults())) {
      while (decoder.next()) {
        assertThat(shots.accept(decoder.frame(), false)).isZero();
      }
      try (Mat other = new Mat(300, 400, CV_8UC3, new Scalar(200, 40, 90, 0))) {
        assertThat(shots.accept(other, false)).isEqualTo(1);
        assertThat(shots.accept(other, false)).isEqualTo(1);
      }
    }
  }

  private static List<Mat> greys(int count) {
    List<Mat> frames = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      double level = 50 + 4.0 * i;
      frames.add(new Mat(48, 64, CV_8UC3, new Scalar(level, level, level, 0)));
    }
    return frames;
  }
}
