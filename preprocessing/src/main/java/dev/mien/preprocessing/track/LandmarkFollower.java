package dev.mien.preprocessing.track;

import dev.mien.preprocessing.crop.Square;
import dev.mien.preprocessing.detect.FaceAppearance;
import dev.mien.preprocessing.detect.FaceLandmarker;
import dev.mien.preprocessing.detect.FaceLandmarks;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * Follows faces from one look to the next by their landmarks. Each face is looked for where it was
 * or, when it moves fast, where it was going; and also in the other place when nothing in the first
 * looks like it, since beside a face the landmark model often believes in one. Borrows the model.
 */
final class LandmarkFollower {
  /**
   * Largest difference in looks of a face from one look to the next; beside the face it is mostly
   * 0.4 to 0.65.
   */
  private static final float DOUBT = 0.35f;

  /**
   * Distance from one look to the next, in sides of the face, that the model itself does not
   * bridge.
   */
  private static final float FAST = 0.1f;

  private final FaceLandmarker landmarker;
  private final float presence;
  private long nanos;

  LandmarkFollower(FaceLandmarker landmarker, float presence) {
    this.landmarker = landmarker;
    this.presence = presence;
  }

  /** A face as its landmarks were found. */
  record Fit(LiveFace face, Sighting sighting, FaceAppearance appearance) {
    float distance() {
      return face.appearance().distance(appearance);
    }

    boolean isAlike() {
      return distance() <= DOUBT;
    }
  }

  /**
   * Follows each face that was found in the last look; where two are found at one place, it belongs
   * to the more similar face. The others are held until the frame before this one.
   *
   * @param faces all that are known
   * @param lastLook the frame of the look before this one
   * @return fits that do not look like their faces, which are held, for detectors to confirm
   */
  List<Fit> follow(Mat image, List<LiveFace> faces, int frame, int lastLook) {
    List<Fit> found = new ArrayList<>();
    List<Fit> doubtful = new ArrayList<>();
    for (LiveFace face : faces) {
      if (face.lastFrame() < lastLook || face.last().landmarks().presence() < presence) {
        continue;
      }
      Optional<Fit> fit = fit(image, face, faces, frame);
      if (fit.filter(Fit::isAlike).isPresent()) {
        found.add(fit.get());
      } else {
        face.hold(frame - 1); // nobody looked at the frames between: the face may have been there
        fit.ifPresent(doubtful::add);
      }
    }
    found.sort(Comparator.comparing(Fit::distance));
    List<Fit> carried = new ArrayList<>();
    for (Fit fit : found) {
      if (faces.stream().anyMatch(other -> other.isAt(fit.sighting().box(), frame))) {
        fit.face().hold(frame - 1);
      } else {
        fit.face().carry(frame, fit.sighting());
        carried.add(fit);
      }
    }
    for (Fit fit : carried) {
      // Where faces touch, each looks in part like the other.
      if (faces.stream().noneMatch(other -> touches(fit.face(), other))) {
        fit.face().appearAs(fit.appearance());
      }
    }
    return doubtful;
  }

  /**
   * The fit in the first place where something looks like the face, or else the most similar one.
   */
  private Optional<Fit> fit(Mat image, LiveFace face, List<LiveFace> faces, int frame) {
    Square here = face.last().landmarks().landmarkSquare();
    Square going = face.going(frame);
    double way = Math.hypot(going.centreX() - here.centreX(), going.centreY() - here.centreY());
    boolean isFast = way > FAST * face.last().box().side();
    List<Fit> fits = new ArrayList<>();
    List<Square> places = isFast ? List.of(going, here) : List.of(here, going);
    for (Square square : places.stream().distinct().toList()) {
      FaceLandmarks landmarks = landmarks(image, square);
      Sighting sighting = new Sighting(landmarks.box(), face.last().score(), landmarks);
      Fit fit = new Fit(face, sighting, appearance());
      if (isSound(fit, faces, frame)) {
        fits.add(fit);
        if (fit.isAlike()) {
          break;
        }
      }
    }
    return fits.stream().min(Comparator.comparing(Fit::distance));
  }

  private boolean isSound(Fit fit, List<LiveFace> faces, int frame) {
    return fit.sighting().landmarks().presence() >= presence
        && fit.face().overlap(fit.sighting().box(), frame) >= LiveFace.SAME_FACE
        && !isAnother(fit, faces, frame);
  }

  /** Whether a fit looks more like another face nearby. */
  private static boolean isAnother(Fit fit, List<LiveFace> faces, int frame) {
    float distance = fit.distance();
    return faces.stream()
        .filter(other -> other != fit.face())
        .filter(other -> other.overlap(fit.sighting().box(), frame) >= LiveFace.SAME_FACE)
        .anyMatch(other -> other.appearance().distance(fit.appearance()) < distance);
  }

  private static boolean touches(LiveFace face, LiveFace other) {
    return face != other && face.last().box().intersectionOverUnion(other.last().box()) > 0;
  }

  /** The landmarks of the face in a square. */
  FaceLandmarks landmarks(Mat image, Square square) {
    long start = System.nanoTime();
    FaceLandmarks landmarks = landmarker.find(image, square);
    nanos += System.nanoTime() - start;
    return landmarks;
  }

  /** The appearance of the face that was found last. */
  FaceAppearance appearance() {
    return landmarker.appearance();
  }

  /** Time spent in the landmark model so far. */
  long nanos() {
    return nanos;
  }
}
