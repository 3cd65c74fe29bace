package dev.mien.preprocessing.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;

import dev.mien.preprocessing.TestVideos;
import dev.mien.preprocessing.track.Track;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** Who is followed where, in scenes that are hard to follow. */
public class TrackingSceneTest {
  private static final int PERSON = 140;
  private static final int STRANGER = 400 - 140 - 136;
  private static final int AWAY = -1000;

  private VideoPreprocessor preprocessor;
  private Path folder;
  private List<Mat> faces;
  private List<Mat> others;

  @BeforeClass
  public void open() throws Exception {
    folder = Files.createTempDirectory("scenes");
    faces = TestVideos.frames(TestVideos.CAP12, 40);
    others = FaceScene.stranger(TestVideos.frames(TestVideos.CAP13, 40));
    preprocessor = VideoPreprocessor.open(PreprocessingOptions.defaults());
  }

  @AfterClass
  public void close() {
    preprocessor.close();
  }

  @Test
  public void twoWhoCrossKeepTheirTracks() throws Exception {
    FaceScene.Path right = i -> new int[] {100 + 5 * i, 180};
    FaceScene.Path left = i -> new int[] {540 - 5 * i, 190};
    FaceScene strangerBehind =
        FaceScene.empty(90).head(others, STRANGER, 1, left).head(faces, PERSON, 1, right);
    FaceScene personBehind =
        FaceScene.empty(90).head(faces, PERSON, 1, right).head(others, STRANGER, 1, left);
    for (FaceScene scene : List.of(strangerBehind, personBehind)) {
      List<Track> tracks = tracks("crossing", scene.frames());
      assertNoSwap(tracks, right, left);
      assertThat(tracks).as("the one in front, and the other before and after").hasSize(3);
      assertThat(tracks).extracting(track -> track.scores().length).contains(90);
    }
  }

  @Test
  public void aBarNarrowerThanHalfTheFaceDoesNotEndATrack() throws Exception {
    FaceScene scene =
        FaceScene.empty(90)
            .head(faces, PERSON, 1, i -> new int[] {320, 180})
            .bar(40, i -> new int[] {-100 + 12 * i, 0});
    List<Track> tracks = tracks("bar", scene.frames());
    assertThat(tracks).hasSize(1);
    assertThat(frames(tracks, 0)).isEqualTo(90);
  }

  @Test
  public void whoPassesFastIsFollowed() throws Exception {
    for (int speed : new int[] {36, 46}) { // a quarter and a third of the face in each frame
      FaceScene.Path path = i -> new int[] {100 + speed * i, 360};
      FaceScene scene = FaceScene.empty(24, 1280, 720).head(faces, PERSON, 1, path);
      List<Track> tracks = tracks("fast", scene.frames());
      assertThat(tracks).as("%d pixels a frame", speed).hasSize(1);
      assertThat(frames(tracks, 0)).isEqualTo(24);
      for (int i = 0; i < 24; i++) {
        assertThat(distance(tracks.get(0), i, path)).as("frame %d", i).isLessThan(20);
      }
    }
  }

  @Test
  public void aLightThatGoesOutDoesNotEndATrack() throws Exception {
    Mat black = new Mat(300, 400, CV_8UC3, new Scalar(0, 0, 0, 0));
    List<Mat> frames = new ArrayList<>(faces);
    for (int i = 15; i < 30; i++) {
      frames.set(i, FaceScene.mixed(faces.get(i), black, 0.4));
    }
    List<Track> tracks = tracks("light", frames);
    assertThat(tracks).hasSize(1);
    assertThat(frames(tracks, 0)).isEqualTo(40);
  }

  @Test
  public void aFadeToBlackAndBackEndsTheShot() throws Exception {
    Mat black = new Mat(300, 400, CV_8UC3, new Scalar(0, 0, 0, 0));
    List<Mat> frames = new ArrayList<>(faces.subList(0, 30));
    for (int i = 0; i < 10; i++) {
      frames.add(FaceScene.mixed(faces.get(29), black, (i + 1) / 10.0));
    }
    for (int i = 0; i < 8; i++) {
      frames.add(black);
    }
    for (int i = 0; i < 10; i++) {
      frames.add(FaceScene.mixed(black, faces.get(i), (i + 1) / 10.0));
    }
    frames.addAll(faces.subList(10, 40));
    List<Track> tracks = tracks("fade", frames);
    assertThat(tracks).extracting(Track::shot).containsExactly(0, 1);
    assertThat(lastFrame(tracks.get(0))).isBetween(29, 39);
    assertThat(tracks.get(1).firstFrame()).isBetween(48, 58);
  }

  @Test
  public void aDissolveEndsTheShot() throws Exception {
    List<Mat> frames = new ArrayList<>(faces.subList(0, 30));
    for (int i = 0; i < 16; i++) {
      frames.add(FaceScene.mixed(faces.get(i), others.get(i), (i + 0.5) / 16));
    }
    frames.addAll(others.subList(10, 40));
    List<Track> tracks = tracks("dissolve", frames);
    assertThat(tracks).extracting(Track::shot).containsExactly(0, 1);
    assertThat(lastFrame(tracks.get(0))).isBetween(29, 41);
    assertThat(tracks.get(1).firstFrame())
        .isBetween(34, 46)
        .isGreaterThan(lastFrame(tracks.get(0)));
  }

  @Test
  public void aCutToAnotherInTheSamePlaceEndsTheTrack() throws Exception {
    List<Mat> frames = new ArrayList<>(faces.subList(0, 30));
    frames.addAll(others.subList(0, 30));
    List<Track> tracks = tracks("cut", frames);
    assertThat(tracks).extracting(Track::firstFrame).containsExactly(0, 30);
    assertThat(tracks).extracting(Track::shot).containsExactly(0, 1);
  }

  @Test
  public void aSmallFaceIsFollowed() throws Exception {
    FaceScene scene =
        FaceScene.empty(60).head(faces, PERSON, 0.34, i -> new int[] {200 + 2 * i, 180});
    List<Track> tracks = tracks("small", scene.frames());
    assertThat(tracks).hasSize(1);
    assertThat(frames(tracks, 0)).isGreaterThan(50);
    assertThat(tracks.get(0).quality().faceSide()).isBetween(40f, 50f);
  }

  @Test
  public void smallFacesInALargeFrameAreFollowed() throws Exception {
    FaceScene scene =
        FaceScene.empty(130, 1280, 720)
            .head(faces, PERSON, 0.36, i -> new int[] {200 + i, 180})
            .head(others, STRANGER, 0.5, i -> new int[] {i < 20 ? AWAY : 1150, 600});
    List<Track> tracks = tracks("large", scene.frames());
    assertThat(tracks).hasSize(2);
    assertThat(frames(tracks, 0)).isEqualTo(130);
    assertThat(tracks.get(1).firstFrame()).isBetween(20, 80); // a tile a look, six in all
    assertThat(lastFrame(tracks.get(1))).isEqualTo(129);
  }

  @Test
  public void aSmallFaceIsSeenSoonAfterThePictureFadedIn() throws Exception {
    FaceScene scene =
        FaceScene.empty(130, 1280, 720)
            .head(faces, PERSON, 1.2, i -> new int[] {300, 250})
            .head(others, STRANGER, 0.5, i -> new int[] {1150, 600});
    for (int i = 0; i < 24; i++) {
      Mat frame = scene.frames().get(i);
      frame.convertTo(frame, -1, Math.max(0, i - 11) / 12.0, 0);
    }
    List<Track> tracks = tracks("faded", scene.frames());
    assertThat(tracks).hasSize(2);
    assertThat(tracks.get(1).firstFrame() - tracks.get(0).firstFrame()).isBetween(0, 12);
  }

  @Test
  public void whoLeavesAndComesBackHasATrackEachTime() throws Exception {
    FaceScene.Path path =
        i -> new int[] {i < 40 ? 320 + 10 * i : i < 70 ? AWAY : 720 - 10 * (i - 70), 180};
    FaceScene scene = FaceScene.empty(120).head(faces, PERSON, 1, path);
    List<Track> tracks = tracks("leaving", scene.frames());
    assertThat(tracks).hasSize(2);
    assertThat(lastFrame(tracks.get(0))).isBetween(24, 38);
    assertThat(tracks.get(1).firstFrame()).isBetween(72, 86);
    assertThat(lastFrame(tracks.get(1))).isEqualTo(119);
  }

  @Test
  public void whoComesIntoAStillSceneIsSeenAtTheNextLook() throws Exception {
    List<Mat> still = faces.subList(0, 1);
    FaceScene scene =
        FaceScene.empty(90)
            .head(still, PERSON, 1, i -> new int[] {160, 180})
            .head(others, STRANGER, 1, i -> new int[] {i < 43 ? AWAY : 480, 180});
    List<Track> tracks = tracks("newcomer", scene.frames());
    assertThat(tracks).hasSize(2);
    assertThat(tracks.get(0).firstFrame()).isZero();
    assertThat(tracks.get(1).firstFrame()).isBetween(43, 53); // detectors look every 10 frames
  }

  @Test
  public void whoComesIntoAnEmptyStillSceneIsSeenAtOnce() throws Exception {
    FaceScene scene =
        FaceScene.empty(90).head(faces, PERSON, 1, i -> new int[] {i < 43 ? AWAY : 320, 180});
    List<Track> tracks = tracks("empty", scene.frames());
    assertThat(tracks).hasSize(1);
    assertThat(tracks.get(0).firstFrame()).isBetween(43, 44); // one in two frames is compared
  }

  @Test
  public void whoChangesPlacesWhileHiddenIsNotTakenForTheOther() throws Exception {
    // The person goes behind a pillar and the stranger comes out of it.
    FaceScene scene =
        FaceScene.empty(90)
            .head(faces, PERSON, 1, i -> new int[] {i < 45 ? 80 + 5 * i : AWAY, 180})
            .head(others, STRANGER, 1, i -> new int[] {i < 45 ? AWAY : 80 + 5 * i, 180})
            .bar(150, i -> new int[] {230, 0});
    List<Track> tracks = tracks("pillar", scene.frames());
    for (Track track : tracks) {
      assertThat(track.firstFrame() >= 45 || lastFrame(track) < 45)
          .as("frames %d to %d", track.firstFrame(), lastFrame(track))
          .isTrue();
    }
    assertThat(tracks).hasSize(2);
  }

  @Test
  public void whoAppearsInAnothersPlaceHasATrackOfTheirOwn() throws Exception {
    FaceScene scene =
        FaceScene.empty(64)
            .head(faces, PERSON, 1, i -> new int[] {i < 30 ? 320 : AWAY, 180})
            .head(others, STRANGER, 1, i -> new int[] {i < 34 ? AWAY : 320, 180});
    List<Track> tracks = tracks("replaced", scene.frames());
    assertThat(tracks).extracting(Track::firstFrame).containsExactly(0, 34);
    assertThat(lastFrame(tracks.get(0))).isEqualTo(29);
  }

  private List<Track> tracks(String name, List<Mat> frames) throws Exception {
    Path file = TestVideos.write(folder.resolve(name + ".mp4"), frames, 25, 0);
    return process(file).tracks();
  }

  private VideoReport process(Path file) throws IOException {
    return preprocessor.process(new VideoRequest(file, "v", List.of()), clip -> {});
  }

  /** Each track follows one of the two all the time. */
  private static void assertNoSwap(
      List<Track> tracks, FaceScene.Path person, FaceScene.Path stranger) {
    for (Track track : tracks) {
      int n = track.scores().length;
      boolean isPerson = distance(track, 0, person) < distance(track, 0, stranger);
      for (int i = 0; i < n; i++) {
        int frame = track.firstFrame() + i;
        double own = distance(track, i, isPerson ? person : stranger);
        assertThat(own).as("%s in frame %d", track.trackId(), frame).isLessThan(45);
      }
    }
  }

  private static double distance(Track track, int i, FaceScene.Path path) {
    int[] centre = path.at(track.firstFrame() + i);
    double x = track.boxes()[4 * i] + track.boxes()[4 * i + 2] / 2;
    double y = track.boxes()[4 * i + 1] + track.boxes()[4 * i + 3] / 2;
    return Math.hypot(x - centre[0], y - centre[1]);
  }

  private static int frames(List<Track> tracks, int i) {
    return tracks.get(i).scores().length;
  }

  private static int lastFrame(Track track) {
    return track.firstFrame() + track.scores().length - 1;
  }
}
