package dev.mien.preprocessing.video;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;

import dev.mien.preprocessing.TestVideos;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** AVI files that keep the place of each fifth frame, but not the frame. */
public class LeftOutFramesTest {
  private static final int FRAMES = 80;

  private Path file;

  @BeforeClass
  public void write() throws Exception {
    long[] times = new long[FRAMES];
    for (int i = 0; i < FRAMES; i++) {
      times[i] = 40_000L * (i + i / 4);
    }
    Mat grey = new Mat(48, 64, CV_8UC3, new Scalar(90, 90, 90, 0));
    file = Files.createTempDirectory("left-out").resolve("left_out.avi");
    TestVideos.writeAt(file, Collections.nCopies(FRAMES, grey), times, 0, recorder -> {});
  }

  @Test
  public void onlyFramesThatAreThereArePromised() throws Exception {
    try (Decoder decoder = Decoder.open(file, DecodeOptions.defaults(), 1)) {
      assertThat(decoder.framesPromised()).isEqualTo(FRAMES);
      for (int i = 0; i < FRAMES; i++) {
        assertThat(decoder.next()).isTrue();
        assertThat(decoder.timestampMicros()).isEqualTo(40_000L * (i + i / 4));
      }
      assertThat(decoder.next()).isFalse();
      assertThat(decoder.decodedShare()).isEqualTo(1);
    }
  }

  @Test
  public void withoutAnIndexTheDurationIsThePromise() throws Exception {
    byte[] bytes = Files.readAllBytes(file);
    int index = new String(bytes, ISO_8859_1).lastIndexOf("idx1");
    assertThat(share(Arrays.copyOf(bytes, index))).isGreaterThan(0.95);
    assertThat(share(Arrays.copyOf(bytes, index / 2))).isBetween(0.3, 0.8);
  }

  private double share(byte[] bytes) throws IOException, BrokenVideoException {
    Path cut = Files.write(file.resolveSibling("cut.avi"), bytes);
    try (Decoder decoder = Decoder.open(cut, DecodeOptions.defaults(), 1)) {
      while (decoder.next()) {
        assertThat(decoder.timestampMicros()).isNotNegative();
      }
      return decoder.decodedShare();
    }
  }
}
