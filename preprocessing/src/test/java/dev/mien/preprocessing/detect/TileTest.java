package dev.mien.preprocessing.detect;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

public class TileTest {

  @DataProvider
  public Object[][] frames() {
    return new Object[][] {
      {640, 480, 2}, {1280, 720, 6}, {720, 1280, 6}, {1920, 1080, 15}, {4096, 2160, 78}
    };
  }

  @Test(dataProvider = "frames")
  public void whatIsTooSmallForTheWholeIsUncutInATile(int width, int height, int count) {
    List<Tile> tiles = Tile.of(width, height, 40);

    assertThat(tiles).startsWith(Tile.whole(width, height)).hasSize(1 + count);
    assertThat(tiles)
        .allSatisfy(
            tile -> {
              assertThat(tile.x() + tile.width()).isBetween(tile.width(), width);
              assertThat(tile.y() + tile.height()).isBetween(tile.height(), height);
            });
    for (float side = 40; side <= FaceDetector.leastFace(width, height); side += 7) {
      for (float y = 0; y <= height - side; y += 20) {
        for (float x = 0; x <= width - side; x += 20) {
          Box face = new Box(x, y, side, side);
          assertThat(tiles)
              .as("%s", face)
              .anyMatch(
                  tile ->
                      tile.shows(face)
                          && FaceDetector.leastFace(tile.width(), tile.height()) <= face.side());
        }
      }
    }
  }

  @Test
  public void noTileIsSmallerThanWhatTheDetectorTakes() {
    assertThat(Tile.of(640, 480, 1))
        .isEqualTo(Tile.of(640, 480, 15))
        .allMatch(tile -> tile.width() >= 192 && tile.height() >= 192);
  }

  @Test
  public void aFrameInWhichTheLeastFaceIsFoundHasNone() {
    assertThat(Tile.of(512, 384, 40)).containsExactly(Tile.whole(512, 384));
    assertThat(Tile.of(1280, 720, 100)).containsExactly(Tile.whole(1280, 720));
  }
}
