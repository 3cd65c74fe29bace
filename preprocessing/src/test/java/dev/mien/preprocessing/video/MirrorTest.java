package dev.mien.preprocessing.video;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;
import static org.bytedeco.opencv.global.opencv_core.mean;

import dev.mien.preprocessing.TestVideos;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Rect;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

public class MirrorTest {
  @DataProvider
  public Object[][] mirrors() {
    // A matrix a, b, c, d of the container, and the quarter of the upright frame that the upper
    // left one becomes, as FFmpeg's own program turns it.
    return new Object[][] {
      {new int[] {-1, 0, 0, 1}, 64, 96, 1, 0},
      {new int[] {1, 0, 0, -1}, 64, 96, 0, 1},
      {new int[] {0, 1, 1, 0}, 96, 64, 0, 0},
      {new int[] {0, -1, -1, 0}, 96, 64, 1, 1},
    };
  }

  @Test(dataProvider = "mirrors")
  public void storedMirroringIsApplied(int[] matrix, int width, int height, int column, int row)
      throws Exception {
    Mat coded = new Mat(96, 64, CV_8UC3, new Scalar(20, 20, 20, 0));
    new Mat(48, 32, CV_8UC3, new Scalar(230, 230, 230, 0))
        .copyTo(new Mat(coded, new Rect(0, 0, 32, 48)));
    Path video =
        TestVideos.write(
            Files.createTempDirectory("mirror").resolve("mirror.mp4"),
            Collections.nCopies(5, coded),
            25,
            0);
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(video));
    int at = new String(bytes.array(), ISO_8859_1).indexOf("tkhd") + 44;
    bytes.putInt(at, matrix[0] << 16).putInt(at + 4, matrix[1] << 16);
    bytes.putInt(at + 12, matrix[2] << 16).putInt(at + 16, matrix[3] << 16);
    Files.write(video, bytes.array());
    try (Decoder decoder = Decoder.open(video, DecodeOptions.defaults())) {
      assertThat(decoder.next()).isTrue();
      Mat frame = decoder.frame();
      assertThat(new int[] {frame.cols(), frame.rows()}).containsExactly(width, height);
      for (int quarter = 0; quarter < 4; quarter++) {
        int x = quarter % 2 * width / 2;
        int y = quarter / 2 * height / 2;
        boolean isBright = quarter == 2 * row + column;
        assertThat(mean(new Mat(frame, new Rect(x + 4, y + 4, 20, 20))).get(0) > 120)
            .as("brightness at %d, %d", x, y)
            .isEqualTo(isBright);
      }
    }
  }
}
