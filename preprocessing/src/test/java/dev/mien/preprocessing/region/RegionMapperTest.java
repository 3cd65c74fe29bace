package dev.mien.preprocessing.region;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.opencv.global.opencv_core.CV_8U;

import dev.mien.preprocessing.detect.FaceLandmarks;
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
    assertThat(Region.values()).extracting(Region::bit).containsExactly(1, 2, 4, 8, 16, 32, 64);
  }

  @Test
  public void aSinglePixelSetsItsCellsBit() {
    byte[] regions = new byte[2 * CELLS * CELLS];
    try (RegionMapper mapper = new RegionMapper();
        Mat surroundings = new Mat(112, 112, CV_8U, new Scalar(Region.BACKGROUND.bit()))) {
      UByteIndexer bits = surroundings.createIndexer();
      bits.put(11, 5, Region.HAIR.bit());
      bits.put(100, 4, Region.SKIN.bit());
      mapper.map(points(), surroundings, regions, CELLS * CELLS);
    }
    assertThat(Arrays.copyOf(regions, CELLS * CELLS)).as("the frame before").containsOnly(0);
    assertThat(cell(regions, 5, 2)).isEqualTo(Region.HAIR.bit() | Region.BACKGROUND.bit());
    assertThat(cell(regions, 50, 2)).isEqualTo(Region.SKIN.bit() | Region.BACKGROUND.bit());
    assertThat(cell(regions, 5, 3)).isEqualTo(Region.BACKGROUND.bit());
  }

  @Test
  public void everyPixelOfAnOutlineCounts() {
    float[] points = points();
    for (int corner : FaceMesh.NOSE) {
      set(points, corner, 113.5f, 83.5f); // the one pixel at row 83, column 113
    }
    byte[] regions = new byte[2 * CELLS * CELLS];
    try (RegionMapper mapper = new RegionMapper();
        Mat surroundings = new Mat(112, 112, CV_8U, new Scalar(Region.BACKGROUND.bit()))) {
      mapper.map(points, surroundings, regions, CELLS * CELLS);
    }
    for (int i = 0; i < CELLS * CELLS; i++) {
      boolean isNose = (regions[CELLS * CELLS + i] & Region.NOSE.bit()) != 0;
      assertThat(isNose).as("cell %d", i).isEqualTo(i == 20 * CELLS + 28);
    }
  }

  private static int cell(byte[] regions, int row, int column) {
    return regions[CELLS * CELLS + row * CELLS + column];
  }

  /** A face shrunk to a line in the middle of the crop, mouth at y 140. */
  private static float[] points() {
    float[] points = new float[2 * 468];
    Arrays.fill(points, 112);
    set(points, FaceLandmarks.FOREHEAD, 112, 60);
    set(points, FaceLandmarks.CHIN, 112, 160);
    set(points, FaceMesh.RIGHT_MOUTH_CORNER, 108, 140);
    set(points, FaceMesh.LEFT_MOUTH_CORNER, 116, 140);
    return points;
  }

  private static void set(float[] points, int index, float x, float y) {
    points[2 * index] = x;
    points[2 * index + 1] = y;
  }
}
