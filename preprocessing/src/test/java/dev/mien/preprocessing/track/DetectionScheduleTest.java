package dev.mien.preprocessing.track;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;

import dev.mien.preprocessing.detect.Box;
import dev.mien.preprocessing.detect.Tile;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Rect;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.testng.annotations.AfterClass;
import org.testng.annotations.Test;

public class DetectionScheduleTest {

  private static final TrackOptions OPTIONS = TrackOptions.defaults();

  private final Mat image = new Mat(720, 1280, CV_8UC3, new Scalar(150, 170, 180, 0));

  @AfterClass
  public void close() {
    image.close();
  }

  @Test
  public void smallFacesAreSoughtWhileALargeOneIsFollowedByDetectorsAlone() {
    List<Box> profile = List.of(new Box(400, 100, 300, 400));
    Set<Tile> searched = new HashSet<>();
    try (DetectionSchedule schedule = new DetectionSchedule(OPTIONS)) {
      schedule.beginShot(0);
      for (int frame = 0; frame < 10 * OPTIONS.detectionInterval(); frame++) {
        Set<Tile> look = schedule.look(frame, image, profile, profile);
        schedule.plan(frame, image, true);
        if (frame > 0) { // the first look goes through all
          searched.addAll(look);
        }
      }
    }
    assertThat(searched)
        .containsAll(Tile.of(image.cols(), image.rows(), OPTIONS.minimumFaceSide()));
  }

  @Test
  public void aStillSceneWithoutFacesIsSearchedRarelyUntilItChanges() {
    int change = 41;
    List<Integer> looks = new ArrayList<>();
    try (DetectionSchedule schedule = new DetectionSchedule(OPTIONS);
        Mat changed = image.clone();
        Rect corner = new Rect(0, 0, 80, 80);
        Scalar dark = new Scalar(0);
        Mat part = new Mat(changed, corner);
        Mat value = new Mat(1, 1, CV_8UC3, dark)) {
      part.setTo(value);
      schedule.beginShot(0);
      for (int frame = 0; frame <= change + 1; frame++) {
        Mat picture = frame < change ? image : changed;
        if (schedule.isDue(frame) && schedule.isWorthALook(frame, picture, List.of())) {
          schedule.look(frame, picture, List.of(), List.of());
          looks.add(frame);
        }
        schedule.plan(frame, picture, false);
      }
    }
    assertThat(looks).containsExactly(0, 8, 16, 24, 32, 40, 42);
  }

  @Test
  public void whoIsCutByTheFramesEdgeIsSoughtInTheSmallerTileThatShowsTheRest() {
    Box cut = new Box(600, -20, 60, 80);
    Tile around = new TileTurn(OPTIONS).around(image, cut);
    assertThat(around.width()).isLessThan(image.cols());
    assertThat(around.x()).isLessThan(600);
    assertThat(around.x() + around.width()).isGreaterThan(660);
    assertThat(around.y()).isZero();
  }
}
