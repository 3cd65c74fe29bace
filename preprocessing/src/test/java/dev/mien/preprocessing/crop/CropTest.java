package dev.mien.preprocessing.crop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.bytedeco.opencv.global.opencv_core.CV_8U;

import org.bytedeco.javacpp.indexer.UByteIndexer;
import org.bytedeco.opencv.opencv_core.Mat;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

public class CropTest {
  @Test
  public void marlinSquareIsTheMedianLongerSideAboutEachCentre() {
    float[] boxes = {
      0, 0, 10, 10, // outside the clip
      100, 50, 40, 60,
      110, 50, 70, 60,
      120, 50, 40, 90
    };
    Square[] squares = CropGeometry.MARLIN.squares(boxes, 1, 4);
    assertThat(squares)
        .containsExactly(
            Square.upright(120, 80, 70), Square.upright(145, 80, 70), Square.upright(140, 95, 70));
  }

  @Test
  public void syncnetSquareHasThePapersNumbers() {
    // s = 50 about (200,150): rows [100,240], columns [130,270]; then s = 20 about (60,70).
    float[] boxes = {160, 100, 80, 100, 40, 55, 40, 30};
    Square[] squares = CropGeometry.SYNCNET.squares(boxes, 0, 2);
    assertEdges(squares[0], 130, 100, 270, 240);
    assertEdges(squares[1], 32, 50, 88, 106);
    assertThat(CropGeometry.SYNCNET.padding()).isEqualTo(110);
  }

  @Test
  public void tightSquareStandsOnTheChin() {
    float[] boxes = {160, 100, 80, 100, 160, 110, 90, 100, 150, 110, 100, 120};
    Square[] squares = CropGeometry.TIGHT.squares(boxes, 0, 3);
    assertEdges(squares[0], 155, 110, 245, 200);
    assertEdges(squares[1], 160, 120, 250, 210);
    assertEdges(squares[2], 155, 140, 245, 230);
  }

  @Test
  public void theOutsideHasTheGeometrysGrey() {
    Mat crop = new Mat();
    try (SquareSampler sampler = new SquareSampler(32, 110)) {
      sampler.sample(ramp(64, 64), Square.upright(0, 0, 32), crop);
    }
    UByteIndexer pixels = crop.createIndexer();
    assertThat(pixels.get(15, 15)).isEqualTo(110);
    assertThat(pixels.get(20, 20)).isEqualTo(4 + 2 * 4);
  }

  private static void assertEdges(
      Square square, double left, double top, double right, double bottom) {
    assertThat(square.centreX() - square.side() / 2).isCloseTo(left, within(1e-9));
    assertThat(square.centreY() - square.side() / 2).isCloseTo(top, within(1e-9));
    assertThat(square.centreX() + square.side() / 2).isCloseTo(right, within(1e-9));
    assertThat(square.centreY() + square.side() / 2).isCloseTo(bottom, within(1e-9));
  }

  @Test
  public void wholePixelsAreCopiedAndTheOutsideIsBlack() {
    Mat frame = ramp(64, 64);
    Mat crop = new Mat();
    try (SquareSampler sampler = new SquareSampler(32)) {
      sampler.sample(frame, Square.upright(8, 40, 32), crop); // x from -8, y from 24
    }
    UByteIndexer pixels = crop.createIndexer();
    assertThat(pixels.get(0, 7)).isZero();
    assertThat(pixels.get(0, 8)).isEqualTo(24 + 2 * 0);
    assertThat(pixels.get(5, 20)).isEqualTo(29 + 2 * 12);
  }

  @Test
  public void halfAPixelIsInterpolated() {
    Mat frame = ramp(64, 64);
    Mat crop = new Mat();
    try (SquareSampler sampler = new SquareSampler(32)) {
      sampler.sample(frame, Square.upright(32.5, 32, 32), crop); // x from 16.5, y from 16
    }
    UByteIndexer pixels = crop.createIndexer();
    assertThat(pixels.get(0, 0)).isEqualTo(16 + 2 * 16 + 1);
  }

  @Test
  public void shrinkingDoesNotAlias() {
    Mat frame = new Mat(512, 512, CV_8U);
    UByteIndexer source = frame.createIndexer();
    for (int y = 0; y < 512; y++) {
      for (int x = 0; x < 512; x++) {
        source.put(y, x, x % 2 == 0 ? 0 : 200);
      }
    }
    Mat crop = new Mat();
    try (SquareSampler sampler = new SquareSampler(64)) {
      sampler.sample(frame, Square.upright(256, 256, 500), crop);
    }
    UByteIndexer pixels = crop.createIndexer();
    for (int x = 0; x < 64; x++) {
      assertThat(pixels.get(30, x)).as("column %d", x).isBetween(75, 125);
    }
  }

  @DataProvider
  public Object[][] largeSquares() {
    return new Object[][] {
      {Square.upright(30.5, 29, 20)}, // 2.5 pixels a sample
      {Square.upright(30.5, 29, 48)},
      {Square.upright(3, 55.25, 60)}, // mostly outside
      {new Square(31, 30, 40, 0.6)},
    };
  }

  @Test(dataProvider = "largeSquares")
  public void whatIsShrunkStaysInItsPlace(Square square) {
    int size = 8;
    Mat crop = new Mat();
    try (SquareSampler sampler = new SquareSampler(size)) {
      sampler.sample(ramp(61, 61), square, crop);
    }
    UByteIndexer pixels = crop.createIndexer();
    double reach = square.side() / size;
    for (int row = 0; row < size; row++) {
      for (int column = 0; column < size; column++) {
        double x = square.sourceX((column + 0.5) / size - 0.5, (row + 0.5) / size - 0.5);
        double y = square.sourceY((column + 0.5) / size - 0.5, (row + 0.5) / size - 0.5);
        if (Math.min(x, y) > reach && Math.max(x, y) < 56 - reach) {
          assertThat((double) pixels.get(row, column))
              .as("row %d, column %d", row, column)
              .isCloseTo(y - 0.5 + 2 * (x - 0.5), within(1.5));
        }
        if (Math.min(x, y) < -reach || Math.max(x, y) > 61 + reach) {
          assertThat(pixels.get(row, column)).as("row %d, column %d", row, column).isZero();
        }
      }
    }
  }

  @Test
  public void aLargeSquareOutsideTheFrameIsEmpty() {
    Mat crop = new Mat();
    try (SquareSampler sampler = new SquareSampler(8, 110)) {
      sampler.sample(ramp(64, 64), Square.upright(-300, 500, 80), crop);
    }
    UByteIndexer pixels = crop.createIndexer();
    assertThat(pixels.get(0, 0)).isEqualTo(110);
    assertThat(pixels.get(7, 7)).isEqualTo(110);
  }

  /** Level y + 2 x. */
  private static Mat ramp(int height, int width) {
    Mat frame = new Mat(height, width, CV_8U);
    UByteIndexer pixels = frame.createIndexer();
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        pixels.put(y, x, y + 2 * x);
      }
    }
    return frame;
  }
}
