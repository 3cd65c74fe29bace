package dev.mien.preprocessing.video;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.preprocessing.TestVideos;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Files whose sound goes from 0 to 4 s and that state one duration, that of all they hold. */
public class PictureBesideSoundTest {
  private Path folder;

  @BeforeClass
  public void makeFolder() throws IOException {
    folder = Files.createTempDirectory("beside");
  }

  @DataProvider
  public Object[][] pictures() {
    return new Object[][] {
      {"mkv", "mpeg4", 0, 4},
      {"untagged.mkv", "mpeg4", 0, 4},
      {"mkv", "mpeg4", 2, 4},
      {"untagged.mkv", "mpeg4", 2, 4},
      {"mkv", "mpeg4", 0, 2},
      {"untagged.mkv", "mpeg4", 0, 2},
      {"mkv", "mpeg4", 1, 3},
      {"untagged.mkv", "mpeg4", 1, 3},
      {"flv", "flv", 0, 4},
      {"flv", "flv", 2, 4},
      {"flv", "flv", 0, 2},
    };
  }

  @Test(dataProvider = "pictures")
  public void thePictureMayBeginLateAndEndEarly(String format, String codec, int from, int to)
      throws Exception {
    Path file = write(format, codec, from, to);
    assertThat(decodedShare(file)).isBetween(0.95, 1.1);
  }

  @Test(dataProvider = "pictures")
  public void aFileThatIsCutIsFoundOut(String format, String codec, int from, int to)
      throws Exception {
    Path file = write(format, codec, from, to);
    byte[] bytes = Files.readAllBytes(file);
    // Most bytes are the picture's: this cuts within it.
    Files.write(file, Arrays.copyOf(bytes, bytes.length * 6 / 10));
    assertThat(decodedShare(file)).isBetween(0.2, 0.85);
  }

  private static double decodedShare(Path file) throws Exception {
    try (Decoder decoder = Decoder.open(file, DecodeOptions.defaults())) {
      while (decoder.next()) {
        assertThat(decoder.timestampMicros()).isNotNegative();
      }
      return decoder.decodedShare();
    }
  }

  private Path write(String format, String codec, int from, int to) throws Exception {
    int frames = 25 * (to - from);
    long[] times = new long[frames];
    for (int i = 0; i < frames; i++) {
      times[i] = 1_000_000L * from + 40_000L * i;
    }
    Path file = folder.resolve(from + "-" + to + "." + format);
    TestVideos.writeAt(
        file, TestVideos.noise(frames), times, 4, recorder -> recorder.setVideoCodecName(codec));
    // The recorder gives the last packet of sound, and so the file, too long a duration.
    String text = Files.readString(file, ISO_8859_1);
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
    if (format.equals("flv")) {
      bytes.putDouble(text.indexOf("duration") + 9, 4);
    } else {
      bytes.putDouble(text.indexOf("D\u0089\u0088") + 3, 4_000);
    }
    if (format.startsWith("untagged")) {
      bytes.put(text.indexOf("DURATION"), (byte) 'N');
    }
    return Files.write(file, bytes.array());
  }
}
