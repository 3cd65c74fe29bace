package dev.mien.preprocessing.video;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EIO;

import dev.mien.preprocessing.TestVideos;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** AVI files some of whose packets cannot be decoded, or not even read. */
public class BrokenPacketsTest {
  private static final int FRAMES = 40;
  private static final long PIXELS = 1 << 20;

  private Path file;

  @BeforeClass
  public void write() throws Exception {
    file = Files.createTempDirectory("broken").resolve("whole.avi");
    TestVideos.write(file, TestVideos.noise(FRAMES), 25, 0);
  }

  @Test
  public void aPacketNearTheEndCostsItsFrameAlone() throws Exception {
    byte[] bytes = Files.readAllBytes(file);
    int packet = 0;
    for (int broken : new int[] {FRAMES - 8, FRAMES - 3}) {
      packet = packet(bytes, broken);
      int length = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(packet + 4);
      Arrays.fill(bytes, packet + 8, packet + 8 + length, (byte) 0);
    }
    Path damaged = Files.write(file.resolveSibling("damaged.avi"), bytes);
    assertThat(frames(damaged)).hasSize(FRAMES - 2);
  }

  @Test
  public void whatTheDiskDoesNotGiveIsNotTheEnd() throws Exception {
    try (Container container = Container.open(file, PIXELS);
        StreamDecoder decoder =
            StreamDecoder.open(container, container.video().orElseThrow(), PIXELS)) {
      assertThat(decoder.next()).isPresent();
      container.format().pb().error(AVERROR_EIO()).eof_reached(1); // as after a failed read
      assertThatThrownBy(
              () -> {
                while (decoder.next().isPresent()) {
                  assertThat(decoder.secondsAfterStream()).isNotNegative();
                }
              })
          .isInstanceOf(BrokenVideoException.class)
          .hasMessage("cannot be read: Input/output error");
    }
  }

  private static List<Long> frames(Path video) throws Exception {
    List<Long> micros = new ArrayList<>();
    try (Decoder decoder = Decoder.open(video, DecodeOptions.defaults())) {
      while (decoder.next()) {
        micros.add(decoder.timestampMicros());
      }
    }
    return micros;
  }

  /** Place of a packet of the picture. */
  private static int packet(byte[] bytes, int number) {
    String text = new String(bytes, ISO_8859_1);
    int at = text.indexOf("movi");
    for (int i = 0; i <= number; i++) {
      at = text.indexOf("00dc", at + 4);
    }
    return at;
  }
}
