package dev.mien.preprocessing.video;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.preprocessing.TestVideos;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
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
    file = Files.createTempDirectory("left-out").resolve("left_out.avi");
    TestVideos.writeAt(file, TestVideos.noise(FRAMES), times, 0, recorder -> {});
  }

  @Test
  public void onlyFramesThatAreThereArePromised() throws Exception {
    try (Decoder decoder = Decoder.open(file, DecodeOptions.defaults())) {
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
  public void aFileThatIsCutHasNoIndexAndIsFoundOut() throws Exception {
    byte[] bytes = Files.readAllBytes(file);
    Path cut = file.resolveSibling("cut.avi");
    Files.write(cut, Arrays.copyOf(bytes, bytes.length * 7 / 10));
    try (Decoder decoder = Decoder.open(cut, DecodeOptions.defaults())) {
      while (decoder.next()) {
        assertThat(decoder.timestampMicros()).isNotNegative();
      }
      assertThat(decoder.decodedShare()).isBetween(0.4, 0.85);
    }
  }
}
