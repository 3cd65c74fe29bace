package dev.mien.spark.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ShortBuffer;
import org.testng.annotations.Test;

public class AttributeTest {

  @Test
  public void attributesAreReadOffLandmarksWhateverTheRoll() {
    for (double roll : new double[] {0, 0.4, -0.7}) {
      byte[] face = face(roll);
      // half of the nose's way from the middle to the cheek: 30 degrees
      assertThat(Attribute.YAW.mean(face, 0)).as("roll %s", roll).isCloseTo(30, within(0.2));
      assertThat(Attribute.PITCH.mean(face, 0)).isCloseTo(20 / 150.0, within(2e-3));
      assertThat(Attribute.MOUTH.mean(face, 0)).isCloseTo(10 / 150.0, within(5e-4));
      assertThat(Attribute.EYES.mean(face, 0)).isCloseTo(6 / 150.0, within(5e-4));
    }
  }

  /** At 60 degrees all is half as wide. */
  @Test
  public void aTurnOpensNeitherMouthNorEyes() {
    byte[] turned = face(0.4, 0.5);
    assertThat(Attribute.MOUTH.mean(turned, 0)).isCloseTo(10 / 150.0, within(5e-4));
    assertThat(Attribute.EYES.mean(turned, 0)).isCloseTo(6 / 150.0, within(5e-4));
  }

  @Test
  public void attributesAreMeansOfTheFramesAsked() {
    ByteBuffer two = ByteBuffer.allocate(2 * 468 * 4);
    two.put(face(0)).put(new byte[468 * 4]);
    assertThat(Attribute.MOUTH.mean(two.array(), 0, 0)).isCloseTo(10 / 150.0, within(5e-4));
    assertThat(Attribute.MOUTH.mean(two.array(), 0, 1)).isNaN();
  }

  @Test
  public void aProfileTellsNoYaw() {
    byte[] face = face(0);
    ShortBuffer points = ByteBuffer.wrap(face).order(ByteOrder.LITTLE_ENDIAN).asShortBuffer();
    int cheek = points.get(2 * 454);
    points.put(2, (short) (cheek - 2)); // the tip of the nose, point 1
    assertThat(Attribute.YAW.mean(face, 0)).isBetween(80.0, 90.0);
    points.put(2, (short) (cheek + 2));
    assertThat(Attribute.YAW.mean(face, 0)).isNaN();
  }

  /** A face 100 pixels wide and 150 high, looking 30 degrees aside. */
  private static byte[] face(double roll) {
    return face(roll, 1);
  }

  /** The same, all of it so many times as wide. */
  private static byte[] face(double roll, double width) {
    ByteBuffer landmarks = ByteBuffer.allocate(468 * 4).order(ByteOrder.LITTLE_ENDIAN);
    put(landmarks, roll, 234, width * -50, 0);
    put(landmarks, roll, 454, width * 50, 0);
    put(landmarks, roll, 1, width * 25, 20);
    put(landmarks, roll, 10, 0, -75);
    put(landmarks, roll, 152, 0, 75);
    put(landmarks, roll, 13, 0, 40);
    put(landmarks, roll, 14, 0, 50);
    for (int side : new int[] {-1, 1}) {
      boolean right = side < 0;
      put(landmarks, roll, right ? 33 : 263, width * 35 * side, -20);
      put(landmarks, roll, right ? 133 : 362, width * 15 * side, -20);
      put(landmarks, roll, right ? 159 : 386, width * 25 * side, -23);
      put(landmarks, roll, right ? 145 : 374, width * 25 * side, -17);
    }
    return landmarks.array();
  }

  private static void put(ByteBuffer landmarks, double roll, int point, double x, double y) {
    double turnedX = 112 + x * Math.cos(roll) - y * Math.sin(roll);
    double turnedY = 112 + x * Math.sin(roll) + y * Math.cos(roll);
    landmarks.putShort(4 * point, (short) Math.round(64 * turnedX));
    landmarks.putShort(4 * point + 2, (short) Math.round(64 * turnedY));
  }
}
