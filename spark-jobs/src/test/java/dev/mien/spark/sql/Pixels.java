package dev.mien.spark.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import javax.imageio.ImageIO;

/** What a picture shows, read by the JDK. */
public final class Pixels {

  private Pixels() {}

  public static BufferedImage png(byte[] bytes) throws IOException {
    assertThat(bytes).startsWith(0x89, 'P', 'N', 'G');
    return ImageIO.read(new ByteArrayInputStream(bytes));
  }

  /** The colour at the middle of a cell of a sheet, 0xRRGGBB. */
  public static int cell(BufferedImage sheet, int column, int row, int side, int band) {
    return rgb(sheet, column * (side + 2) + side / 2, row * (side + band + 2) + side / 2);
  }

  public static int rgb(BufferedImage image, int x, int y) {
    return image.getRGB(x, y) & 0xFFFFFF;
  }

  /** That two colours differ by at most so much in each channel. */
  public static void assertNear(int actual, int expected, int most) {
    for (int shift : new int[] {0, 8, 16}) {
      assertThat(Math.abs(((actual >> shift) & 0xFF) - ((expected >> shift) & 0xFF)))
          .as("%06x beside %06x", actual, expected)
          .isLessThanOrEqualTo(most);
    }
  }
}
