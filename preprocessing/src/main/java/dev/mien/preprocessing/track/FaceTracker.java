package dev.mien.preprocessing.track;

import dev.mien.preprocessing.crop.Square;
import dev.mien.preprocessing.detect.Box;
import dev.mien.preprocessing.detect.Detection;
import dev.mien.preprocessing.detect.FaceDetector;
import dev.mien.preprocessing.detect.FaceLandmarker;
import dev.mien.preprocessing.detect.FaceLandmarks;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * Follows the faces of one video through its frames.
 *
 * <p>A face is carried by its landmarks: where they were is where they are looked for next. Frames
 * between two looks are interpolated while faces are apart and none is lost. Detectors run on a
 * schedule, at each cut, and whenever a face is lost; what they find continues the lost face it
 * overlaps, or starts a new one. Boxes have the same geometry whoever found the face ({@link
 * FaceLandmarks#box()}). One per video; borrows its models. What it saw is kept in a file: close it
 * when its sequences are done with.
 */
public final class FaceTracker implements AutoCloseable {
  /** Least overlap of a face with itself one sighting later. */
  private static final float SAME_FACE = 0.3f;

  /** Overlap at which two followed faces are taken for one. */
  private static final float COLLISION = 0.5f;

  /** Distance of two centres, in sums of both sides, from which faces are apart. */
  private static final float APART = 1;

  private final FaceDetector detector;
  private final FaceLandmarker landmarker;
  private final TrackOptions options;
  private final float presence;
  private final SightingFile sightings = new SightingFile();
  private final List<FaceSequence> finished = new ArrayList<>();
  private List<LiveFace> faces = new ArrayList<>();
  private int frame = -1;
  private int shot = -1;
  private int nextDetection;
  private int landmarkFrame = -1;
  private int previousLandmarkFrame = -1;
  private int longest;
  private long detectNanos;
  private long landmarkNanos;

  /**
   * @param presence least face score of the landmark model for its points to be believed
   */
  public FaceTracker(
      FaceDetector detector, FaceLandmarker landmarker, TrackOptions options, float presence) {
    this.detector = detector;
    this.landmarker = landmarker;
    this.options = options;
    this.presence = presence;
  }

  /**
   * Takes the next frame.
   *
   * @param image `[H,W]` BGR uint8
   * @param shotOfFrame number of the shot the frame belongs to
   */
  public void accept(Mat image, int shotOfFrame) {
    frame++;
    if (shotOfFrame != shot) {
      end(frame - 1);
      shot = shotOfFrame;
      nextDetection = frame;
    }
    if (frame < nextDetection
        && frame - landmarkFrame < options.landmarkInterval()
        && areApart() // others may be taken for each other
        && faces.stream().allMatch(this::isFollowed)) {
      return;
    }
    previousLandmarkFrame = landmarkFrame;
    landmarkFrame = frame;
    faces.forEach(face -> carry(face, image));
    boolean detected = frame >= nextDetection || !faces.stream().allMatch(this::isFollowed);
    if (detected) {
      detect(image);
    }
    List<LiveFace> kept = new ArrayList<>();
    for (LiveFace face : faces) {
      if (frame - face.lastFrame() <= options.maximumGap()) {
        kept.add(face);
      } else {
        retire(face);
      }
    }
    faces = kept;
    if (detected) {
      nextDetection =
          frame + (faces.isEmpty() ? options.searchInterval() : options.detectionInterval());
    }
  }

  /** Whether no two faces could come to overlap from one frame to the next. */
  private boolean areApart() {
    for (int i = 0; i < faces.size(); i++) {
      Box box = faces.get(i).last().box();
      for (LiveFace other : faces.subList(0, i)) {
        Box otherBox = other.last().box();
        float across = Math.abs(box.centreX() - otherBox.centreX());
        float down = Math.abs(box.centreY() - otherBox.centreY());
        if (Math.max(across, down) < APART * (box.side() + otherBox.side())) {
          return false;
        }
      }
    }
    return true;
  }

  /** Whether the face was found when it was last looked for. */
  private boolean isFollowed(LiveFace face) {
    return face.lastFrame() == landmarkFrame;
  }

  private void carry(LiveFace face, Mat image) {
    Sighting last = face.last();
    if (face.lastFrame() < previousLandmarkFrame || last.landmarks().presence() < presence) {
      return;
    }
    FaceLandmarks landmarks = landmarks(image, last.landmarks().landmarkSquare());
    Box box = landmarks.box();
    if (landmarks.presence() >= presence
        && box.intersectionOverUnion(last.box()) >= SAME_FACE
        && !isTaken(box)) {
      face.carry(frame, new Sighting(box, last.score(), landmarks));
    } else {
      face.hold(frame - 1); // nobody looked in the frames between: it may have been there
    }
  }

  private void detect(Mat image) {
    long start = System.nanoTime();
    List<Detection> detections = detector.detect(image);
    detectNanos += System.nanoTime() - start;
    for (Detection detection : detections) {
      Optional<LiveFace> carried = closest(detection.faceBox(), true);
      if (carried.isPresent()) {
        carried.get().rescore(detection.score());
      } else {
        see(detection, landmarks(image, detection.landmarkSquare()));
      }
    }
  }

  private void see(Detection detection, FaceLandmarks landmarks) {
    Box box = landmarks.presence() >= presence ? landmarks.box() : detection.faceBox();
    if (box.side() < options.minimumFaceSide() || isTaken(box)) {
      return;
    }
    Sighting sighting = new Sighting(box, detection.score(), landmarks);
    Optional<LiveFace> lost = closest(box, false);
    if (lost.isPresent()) {
      lost.get().add(frame, sighting);
    } else if (faces.size() < options.maximumFaces()) {
      faces.add(new LiveFace(sightings, shot, frame, sighting));
    }
  }

  private boolean isTaken(Box box) {
    return faces.stream()
        .filter(face -> face.lastFrame() == frame)
        .anyMatch(face -> face.last().box().intersectionOverUnion(box) > COLLISION);
  }

  private Optional<LiveFace> closest(Box box, boolean seen) {
    return faces.stream()
        .filter(face -> (face.lastFrame() == frame) == seen)
        .filter(face -> face.last().box().intersectionOverUnion(box) >= SAME_FACE)
        .max(Comparator.comparing(face -> face.last().box().intersectionOverUnion(box)));
  }

  private FaceLandmarks landmarks(Mat image, Square square) {
    long start = System.nanoTime();
    FaceLandmarks landmarks = landmarker.find(image, square);
    landmarkNanos += System.nanoTime() - start;
    return landmarks;
  }

  /** Ends a shot; faces that were followed last until its last frame. */
  private void end(int lastFrame) {
    faces.stream().filter(this::isFollowed).forEach(face -> face.hold(lastFrame));
    faces.forEach(this::retire);
    faces = new ArrayList<>();
  }

  private void retire(LiveFace face) {
    FaceSequence sequence = face.sequence();
    longest = Math.max(longest, sequence.frames());
    long confirmed =
        sequence.sightings().stream().filter(s -> s.landmarks().presence() >= presence).count();
    if (sequence.frames() >= options.minimumFrames()
        && confirmed >= options.minimumLandmarkShare() * sequence.frames()) {
      finished.add(sequence);
    }
  }

  /**
   * Ends the video and returns its sequences long enough and confirmed, by first frame and then
   * from left to right.
   */
  public List<FaceSequence> finish() {
    end(frame);
    finished.sort(
        Comparator.comparing(FaceSequence::firstFrame)
            .thenComparing(sequence -> sequence.sightings().get(0).box().x()));
    return List.copyOf(finished);
  }

  /** Frames of the longest sequence of any kind, kept or not. */
  public int longestFrames() {
    return longest;
  }

  /** Time spent in the detectors so far. */
  public long detectNanos() {
    return detectNanos;
  }

  /** Time spent in the landmark model so far. */
  public long landmarkNanos() {
    return landmarkNanos;
  }

  @Override
  public void close() {
    sightings.close();
  }
}
