package dev.mien.preprocessing;

import dev.mien.preprocessing.clip.PreprocessingOptions;
import dev.mien.preprocessing.clip.VideoPreprocessor;
import dev.mien.preprocessing.clip.VideoReport;
import dev.mien.preprocessing.clip.VideoRequest;
import dev.mien.preprocessing.crop.CropGeometry;
import dev.mien.preprocessing.crop.Square;
import dev.mien.preprocessing.detect.Box;
import dev.mien.preprocessing.detect.Detection;
import dev.mien.preprocessing.detect.FaceDetector;
import dev.mien.preprocessing.detect.FaceLandmarker;
import dev.mien.preprocessing.detect.FaceLandmarks;
import dev.mien.preprocessing.detect.Tile;
import dev.mien.preprocessing.track.Track;
import dev.mien.preprocessing.video.Decoder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.opencv.opencv_core.Mat;
import org.testng.annotations.Test;

/**
 * Prints how well tracks cover the faces of the samples, and of {@code -Dvideos=FOLDER}: {@code mvn
 * -pl preprocessing test -Dtest=TrackingBenchmark}.
 *
 * <p>The faces are those that an independent look finds: both detectors on every frame and all its
 * tiles, each face confirmed by landmarks and at least 40 pixels long. Seen are frames with such a
 * face and the faces in them; covered, those in a track. Turned are the faces turned by 45 degrees
 * and more, followed the frames that are in a track at all. Empty are frames of tracks around
 * which, five frames either way, no detector finds a face there. Jitter is the root mean square of
 * the crop centres' second difference, in pixels of the crop: over whole tracks, and over their
 * first 13 frames.
 */
public class TrackingBenchmark {
  private static final float OVERLAP = 0.3f;
  private static final int GAP = 5;
  private static final int BEGINNING = 13;
  private static final float TURNED = 45;

  private final PreprocessingOptions options = PreprocessingOptions.defaults();

  /** What the independent look finds in a frame. */
  private record Look(List<Box> detected, List<Box> confirmed, List<Box> turned) {}

  @Test
  public void measure() throws Exception {
    System.out.printf(
        "%-22s %6s %8s %6s %9s %6s %9s %6s %9s %5s %6s %5s %6s %6s%n",
        "video",
        "frames",
        "followed",
        "seen",
        "covered %",
        "faces",
        "covered %",
        "turned",
        "covered %",
        "shots",
        "tracks",
        "empty",
        "jitter",
        "first");
    try (VideoPreprocessor preprocessor = VideoPreprocessor.open(options);
        FaceDetector detector = FaceDetector.open(options.detection(), options.threads());
        FaceLandmarker landmarker = FaceLandmarker.open(options.threads())) {
      for (Path video : TestVideos.all()) {
        List<Look> looks = look(video, detector, landmarker);
        VideoReport report =
            preprocessor.process(new VideoRequest(video, "video", List.of()), clip -> {});
        print(video, looks, report.tracks());
      }
    }
  }

  private List<Look> look(Path video, FaceDetector detector, FaceLandmarker landmarker)
      throws Exception {
    List<Look> looks = new ArrayList<>();
    try (Decoder decoder = Decoder.open(video, options.decode())) {
      while (decoder.next()) {
        Look look = new Look(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        Mat frame = decoder.frame();
        float least = options.track().minimumFaceSide();
        List<Tile> tiles = Tile.of(frame.cols(), frame.rows(), least);
        for (Detection detection : detector.detect(frame, tiles)) {
          FaceLandmarks landmarks = landmarker.find(frame, detection.landmarkSquare());
          boolean isFace = landmarks.presence() >= options.detection().presence();
          Box box = isFace ? landmarks.box() : detection.faceBox();
          look.detected().add(box);
          if (isFace && box.side() >= least) {
            look.confirmed().add(box);
            if (Math.abs(landmarks.yaw()) >= TURNED) {
              look.turned().add(box);
            }
          }
        }
        looks.add(look);
      }
    }
    return looks;
  }

  private static void print(Path video, List<Look> looks, List<Track> tracks) {
    int seen = 0;
    int seenCovered = 0;
    int faces = 0;
    int facesCovered = 0;
    int turned = 0;
    int turnedCovered = 0;
    int inTrack = 0;
    int empty = 0;
    for (int frame = 0; frame < looks.size(); frame++) {
      List<Box> followed = followed(tracks, frame);
      List<Box> confirmed = looks.get(frame).confirmed();
      int covered = covered(confirmed, followed);
      inTrack += followed.isEmpty() ? 0 : 1;
      seen += confirmed.isEmpty() ? 0 : 1;
      seenCovered += covered > 0 ? 1 : 0;
      faces += confirmed.size();
      facesCovered += covered;
      turned += looks.get(frame).turned().size();
      turnedCovered += covered(looks.get(frame).turned(), followed);
      List<Box> near = new ArrayList<>();
      for (int i = Math.max(0, frame - GAP); i < Math.min(looks.size(), frame + GAP + 1); i++) {
        near.addAll(looks.get(i).detected());
      }
      empty += (int) followed.stream().filter(box -> !isAmong(box, near)).count();
    }
    System.out.printf(
        "%-22s %6d %8d %6d %9.1f %6d %9.1f %6d %9.1f %5d %6d %5d %6.2f %6.2f%n",
        video.getParent().getFileName() + "/" + video.getFileName(),
        looks.size(),
        inTrack,
        seen,
        100.0 * seenCovered / Math.max(1, seen),
        faces,
        100.0 * facesCovered / Math.max(1, faces),
        turned,
        100.0 * turnedCovered / Math.max(1, turned),
        tracks.stream().mapToInt(Track::shot).distinct().count(),
        tracks.size(),
        empty,
        jitter(tracks, Integer.MAX_VALUE),
        jitter(tracks, BEGINNING));
  }

  private static List<Box> followed(List<Track> tracks, int frame) {
    List<Box> boxes = new ArrayList<>();
    for (Track track : tracks) {
      int i = frame - track.firstFrame();
      if (i >= 0 && i < track.scores().length) {
        float[] box = track.boxes();
        boxes.add(new Box(box[4 * i], box[4 * i + 1], box[4 * i + 2], box[4 * i + 3]));
      }
    }
    return boxes;
  }

  private static int covered(List<Box> faces, List<Box> followed) {
    return (int) faces.stream().filter(box -> isAmong(box, followed)).count();
  }

  private static boolean isAmong(Box box, List<Box> others) {
    return others.stream().anyMatch(other -> other.intersectionOverUnion(box) >= OVERLAP);
  }

  private static double jitter(List<Track> tracks, int most) {
    double sum = 0;
    int count = 0;
    for (Track track : tracks) {
      Square[] squares = CropGeometry.MARLIN.squares(track.boxes(), 0, track.scores().length);
      for (int i = 1; i < Math.min(most, squares.length) - 1; i++) {
        double scale = 224 / squares[i].side();
        double x = squares[i - 1].centreX() - 2 * squares[i].centreX() + squares[i + 1].centreX();
        double y = squares[i - 1].centreY() - 2 * squares[i].centreY() + squares[i + 1].centreY();
        sum += scale * scale * (x * x + y * y);
        count++;
      }
    }
    return Math.sqrt(sum / Math.max(1, count));
  }
}
