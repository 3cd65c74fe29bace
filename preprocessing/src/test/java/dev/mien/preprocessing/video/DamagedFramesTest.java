package dev.mien.preprocessing.video;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.opencv.global.opencv_core.sumElems;

import dev.mien.preprocessing.TestVideos;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** H.264 of which some bits are others: all frames come, and the codec guesses parts of some. */
public class DamagedFramesTest {
  private static final int SEED = 7;
  private static final int FLIPPED_BITS = 20;

  private Path damaged;

  @BeforeClass
  public void flipBits() throws IOException {
    byte[] bytes = Files.readAllBytes(TestVideos.CAP13);
    int media = new String(bytes, ISO_8859_1).indexOf("mdat") + 4;
    Random random = new Random(SEED);
    for (int i = 0; i < FLIPPED_BITS; i++) {
      bytes[media + random.nextInt(bytes.length / 2)] ^= (byte) (1 << random.nextInt(8));
    }
    damaged = Files.write(Files.createTempDirectory("damaged").resolve("bits.mp4"), bytes);
  }

  @Test
  public void framesThatTheCodecGuessedAreSaid() throws Exception {
    assertThat(notices(damaged))
        .as("seed %d", SEED)
        .singleElement()
        .asString()
        .matches(
            "damaged frames: the codec guessed parts of [1-9]\\d?, and what later ones take from"
                + " them");
    assertThat(notices(TestVideos.CAP13)).isEmpty();
  }

  @Test
  public void theyAreGuessedTheSameEachTime() throws Exception {
    List<String> frames = frames();
    assertThat(frames).hasSize(765);
    assertThat(frames()).as("seed %d", SEED).isEqualTo(frames);
  }

  private static List<String> notices(Path video) throws Exception {
    try (Decoder decoder = Decoder.open(video, DecodeOptions.defaults())) {
      while (decoder.next()) {
        assertThat(decoder.timestampMicros()).isNotNegative();
      }
      return decoder.notices();
    }
  }

  /** Time and sums of the colours of each frame. */
  private List<String> frames() throws Exception {
    List<String> frames = new ArrayList<>();
    try (Decoder decoder = Decoder.open(damaged, DecodeOptions.defaults())) {
      while (decoder.next()) {
        frames.add(decoder.timestampMicros() + " " + sumElems(decoder.frame()));
      }
    }
    return frames;
  }
}
