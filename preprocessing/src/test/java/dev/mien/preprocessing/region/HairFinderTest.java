package dev.mien.preprocessing.region;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.opencv.global.opencv_core.CV_8U;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;

import java.util.Arrays;
import java.util.Random;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.opencv_core.Mat;
import org.testng.annotations.Test;

/** Heads painted on a grey wall, the face an oval about (112,112), the mouth at y 140. */
public class HairFinderTest {
  private static final int SIZE = 224;
  private static final int[] HAIR = {30, 45, 70};
  private static final int[] SKIN = {130, 150, 205};
  private static final int[] CLOTHES = {170, 80, 30};
  private static final long SEED = 7;

  private final byte[] crop = new byte[SIZE * SIZE * 3];
  private final byte[] person = new byte[SIZE / 2 * SIZE / 2];
  private final Random noise = new Random(SEED);

  @Test
  public void longHairIsHairBelowTheMouthToo() {
    wall();
    paint(52, 20, 172, 224, HAIR);
    paint(72, 50, 152, 224, SKIN); // face and neck
    byte[] found = find(points());
    expect(found, 112, 40, Region.HAIR, "above the forehead");
    expect(found, 60, 100, Region.HAIR, "beside the right eye");
    expect(found, 60, 210, Region.HAIR, "on the right shoulder");
    expect(found, 164, 210, Region.HAIR, "on the left shoulder");
    expect(found, 112, 200, Region.BACKGROUND, "neck");
    expect(found, 20, 100, Region.BACKGROUND, "wall");
  }

  @Test
  public void earsAndForeheadAreSkinAndClothesBackground() {
    wall();
    paint(72, 10, 152, 30, HAIR);
    paint(72, 30, 152, 180, SKIN);
    paint(58, 90, 166, 125, SKIN); // ears
    paint(30, 180, 194, 224, CLOTHES);
    byte[] found = find(points());
    expect(found, 112, 20, Region.HAIR, "hair");
    expect(found, 112, 45, Region.SKIN, "forehead above the oval");
    expect(found, 62, 105, Region.SKIN, "right ear");
    expect(found, 162, 105, Region.SKIN, "left ear");
    expect(found, 112, 200, Region.BACKGROUND, "clothes");
  }

  @Test
  public void clothesOfTheHairsColourAreNotHair() {
    wall();
    paint(72, 20, 152, 60, HAIR);
    paint(72, 60, 152, 190, SKIN);
    paint(30, 190, 194, 224, HAIR); // a brown shirt: only hair that hangs down from above counts
    byte[] found = find(points());
    expect(found, 112, 40, Region.HAIR, "hair");
    expect(found, 112, 210, Region.BACKGROUND, "shirt");
    expect(found, 40, 210, Region.BACKGROUND, "shirt");
  }

  @Test
  public void aBaldHeadIsSkin() {
    wall();
    paint(72, 20, 152, 190, SKIN);
    byte[] found = find(points());
    for (byte bit : found) {
      assertThat(bit & Region.HAIR.bit()).isZero();
    }
    expect(found, 112, 40, Region.SKIN, "head");
    expect(found, 112, 185, Region.BACKGROUND, "neck");
  }

  @Test
  public void aTiltedHeadTiltsTheLineBetweenHairAndNeck() {
    wall();
    paint(0, 0, 224, 224, HAIR);
    paint(50, 72, 170, 152, SKIN);
    paint(0, 30, 60, 194, CLOTHES);
    float[] points = new float[2 * 468];
    for (int i = 0; i < 468; i++) { // turned so that the forehead lies on the image's right
      points[2 * i] = SIZE - points()[2 * i + 1];
      points[2 * i + 1] = points()[2 * i];
    }
    byte[] found = find(points);
    expect(found, 200, 10, Region.HAIR, "right");
    expect(found, 200, 210, Region.HAIR, "right");
    expect(found, 20, 60, Region.BACKGROUND, "left");
    expect(found, 20, 160, Region.BACKGROUND, "left");
  }

  private void wall() {
    Arrays.fill(person, (byte) 0);
    colour(0, 0, SIZE, SIZE, new int[] {200, 200, 200});
  }

  private void paint(int left, int top, int right, int bottom, int[] bgr) {
    colour(left, top, right, bottom, bgr);
    for (int y = top / 2; y < bottom / 2; y++) {
      Arrays.fill(person, y * SIZE / 2 + left / 2, y * SIZE / 2 + right / 2, (byte) 255);
    }
  }

  private void colour(int left, int top, int right, int bottom, int[] bgr) {
    for (int y = top; y < bottom; y++) {
      for (int x = left; x < right; x++) {
        int shade = (int) Math.round(6 * noise.nextGaussian());
        for (int channel = 0; channel < 3; channel++) {
          crop[3 * (y * SIZE + x) + channel] = (byte) (bgr[channel] + shade);
        }
      }
    }
  }

  private byte[] find(float[] points) {
    byte[] found = new byte[person.length];
    try (HairFinder finder = new HairFinder();
        BytePointer colours = new BytePointer(crop);
        BytePointer mask = new BytePointer(person);
        Mat image = new Mat(SIZE, SIZE, CV_8UC3, colours);
        Mat silhouette = new Mat(SIZE / 2, SIZE / 2, CV_8U, mask);
        Mat surroundings = new Mat()) {
      finder.find(image, points, silhouette, surroundings);
      surroundings.data().get(found);
    }
    return found;
  }

  private static void expect(byte[] found, int x, int y, Region region, String what) {
    assertThat(found[y / 2 * SIZE / 2 + x / 2])
        .as("%s at %d,%d, seed %d", what, x, y, SEED)
        .isEqualTo((byte) region.bit());
  }

  /** An upright oval of 70 x 110 pixels; brows and eyes are specks in it. */
  private static float[] points() {
    float[] points = new float[2 * 468];
    Arrays.fill(points, 112);
    int n = FaceMesh.OVAL.length; // clockwise from the forehead
    for (int i = 0; i < n; i++) {
      double angle = 2 * Math.PI * i / n;
      points[2 * FaceMesh.OVAL[i]] = (float) (112 + 35 * Math.sin(angle));
      points[2 * FaceMesh.OVAL[i] + 1] = (float) (115 - 55 * Math.cos(angle));
    }
    points[2 * FaceMesh.RIGHT_MOUTH_CORNER] = 104;
    points[2 * FaceMesh.RIGHT_MOUTH_CORNER + 1] = 140;
    points[2 * FaceMesh.LEFT_MOUTH_CORNER] = 120;
    points[2 * FaceMesh.LEFT_MOUTH_CORNER + 1] = 140;
    return points;
  }
}
