package dev.mien.preprocessing.region;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.opencv.global.opencv_core.CV_8U;

import java.util.Arrays;
import org.bytedeco.javacpp.indexer.UByteIndexer;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.testng.annotations.Test;

public class RegionMapperTest {
  private static final int CELLS = RegionMapper.CELLS;

  @Test
  public void numbersAreMarlins() {
    assertThat(Region.values())
        .containsExactly(
            Region.RIGHT_EYE,
            Region.LEFT_EYE,
            Region.NOSE,
            Region.MOUTH,
            Region.HAIR,
            Region.SKIN,
            Region.BACKGROUND);
    assertThat(Region.values()).extracting(Region::index).containsExactly(0, 1, 2, 3, 4, 5, 6);
    assertThat(Region.values()).extracting(Region::bit).containsExactly(1, 2, 4, 8, 16, 32, 64);
  }

  @Test
  public void aSinglePixelSetsItsCellsBit() {
    byte[] regions = new byte[2 * CELLS * CELLS];
    try (RegionMapper mapper = new RegionMapper();
        Mat person = new Mat(224, 224, CV_8U, new Scalar(0))) {
      UByteIndexer mask = person.createIndexer();
      mask.put(22, 11, 255); // above the mouth: hair
      mask.put(200, 11, 255); // below it: neck and clothes
      mapper.map(points(), person, regions, CELLS * CELLS);
    }
    assertThat(Arrays.copyOf(regions, CELLS * CELLS)).as("the frame before").containsOnly(0);
    assertThat(cell(regions, 5, 2)).isEqualTo(Region.HAIR.bit() | Region.BACKGROUND.bit());
    assertThat(cell(regions, 50, 2)).isEqualTo(Region.BACKGROUND.bit());
    assertThat(cell(regions, 5, 3)).isEqualTo(Region.BACKGROUND.bit());
  }

  @Test
  public void aTiltedHeadTiltsTheLineBetweenHairAndNeck() {
    float[] points = points();
    set(points, FaceMesh.FOREHEAD, 180, 112); // the head lies on the image's right
    set(points, FaceMesh.CHIN, 60, 112);
    set(points, FaceMesh.RIGHT_MOUTH_CORNER, 90, 100);
    set(points, FaceMesh.LEFT_MOUTH_CORNER, 90, 124);
    byte[] regions = new byte[CELLS * CELLS];
    try (RegionMapper mapper = new RegionMapper();
        Mat person = new Mat(224, 224, CV_8U, new Scalar(255))) {
      mapper.map(points, person, regions, 0);
    }
    assertThat(regions[2 * CELLS + 50]).isEqualTo((byte) Region.HAIR.bit());
    assertThat(regions[50 * CELLS + 50]).isEqualTo((byte) Region.HAIR.bit());
    assertThat(regions[2 * CELLS + 5]).isEqualTo((byte) Region.BACKGROUND.bit());
    assertThat(regions[50 * CELLS + 5]).isEqualTo((byte) Region.BACKGROUND.bit());
  }

  private static int cell(byte[] regions, int row, int column) {
    return regions[CELLS * CELLS + row * CELLS + column];
  }

  /** A face shrunk to a line in the middle of the crop, mouth at y 140. */
  private static float[] points() {
    float[] points = new float[2 * 468];
    Arrays.fill(points, 112);
    set(points, FaceMesh.FOREHEAD, 112, 60);
    set(points, FaceMesh.CHIN, 112, 160);
    set(points, FaceMesh.RIGHT_MOUTH_CORNER, 108, 140);
    set(points, FaceMesh.LEFT_MOUTH_CORNER, 116, 140);
    return points;
  }

  private static void set(float[] points, int index, float x, float y) {
    points[2 * index] = x;
    points[2 * index + 1] = y;
  }
}
