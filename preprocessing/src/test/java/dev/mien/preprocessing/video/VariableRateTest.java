package dev.mien.preprocessing.video;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;

import dev.mien.preprocessing.TestVideos;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Random;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * Matroska files whose clock counts milliseconds and that state no rate, or one in milliseconds.
 */
public class VariableRateTest {
  private static final int FRAMES = 120;

  private Path folder;

  @BeforeClass
  public void makeFolder() throws IOException {
    folder = Files.createTempDirectory("variable");
  }

  @DataProvider
  public Object[][] statedRates() {
    return new Object[][] {{0}, {1000}};
  }

  @Test(dataProvider = "statedRates")
  public void aSlowOneKeepsItsTimes(int stated) throws Exception {
    long[] times = times(15, 30);
    try (Decoder decoder = open(times, stated)) {
      assertThat(decoder.sourceFramesPerSecond()).isBetween(14.5, 15.5);
      assertThat(decoder.framesPromised()).isBetween(115, 125);
      for (int i = 0; i < FRAMES; i++) {
        assertThat(decoder.next()).isTrue();
        assertThat(decoder.timestampMicros()).as("time of frame %d", i).isEqualTo(times[i]);
      }
      assertThat(decoder.next()).isFalse();
      assertThat(decoder.decodedShare()).as(decoder.progress()).isBetween(0.95, 1.05);
    }
  }

  @Test(dataProvider = "statedRates")
  public void aFastOneIsThinned(int stated) throws Exception {
    long[] times = times(60, 5);
    try (Decoder decoder = open(times, stated)) {
      assertThat(decoder.stride()).isEqualTo(2);
      for (int i = 0; i < FRAMES; i += 2) {
        assertThat(decoder.next()).isTrue();
        assertThat(decoder.timestampMicros()).as("time of frame %d", i).isEqualTo(times[i]);
      }
      assertThat(decoder.next()).isFalse();
    }
  }

  /** Whole milliseconds, each frame up to so many late. */
  private static long[] times(int framesPerSecond, int jitter) {
    Random random = new Random(7);
    long[] times = new long[FRAMES];
    for (int i = 0; i < FRAMES; i++) {
      times[i] = 1000L * (1000L * i / framesPerSecond + random.nextInt(jitter));
    }
    times[0] = 0;
    return times;
  }

  private Decoder open(long[] times, int stated) throws Exception {
    Path file = folder.resolve(stated + ".mkv");
    Mat grey = new Mat(48, 64, CV_8UC3, new Scalar(90, 90, 90, 0));
    TestVideos.writeAt(
        file, Collections.nCopies(FRAMES, grey), times, 0, recorder -> recorder.setFrameRate(1000));
    if (stated == 0) {
      byte[] bytes = Files.readAllBytes(file);
      int rate = new String(bytes, ISO_8859_1).indexOf("#\u00e3\u0083\u0083");
      assertThat(rate).as("place of the rate, an element of seven bytes").isPositive();
      byte[] nothing = {(byte) 0xEC, (byte) 0x85, 0, 0, 0, 0, 0};
      System.arraycopy(nothing, 0, bytes, rate, nothing.length);
      Files.write(file, bytes);
    }
    return Decoder.open(file, DecodeOptions.defaults());
  }
}
