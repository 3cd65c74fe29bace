package dev.mien.preprocessing.track;

import dev.mien.preprocessing.crop.Square;
import dev.mien.preprocessing.detect.Box;
import dev.mien.preprocessing.detect.Detection;
import dev.mien.preprocessing.detect.FaceAppearance;
import dev.mien.preprocessing.detect.FaceDetector;
import dev.mien.preprocessing.detect.FaceLandmarker;
import dev.mien.preprocessing.detect.FaceLandmarks;
import dev.mien.preprocessing.detect.Tile;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * Follows the faces of one video through its frames.
 *
 * <p>A face is carried by its landmarks: where they were is where they are looked for next. Frames
 * between two looks are interpolated while faces are apart and none is lost. Detectors run at each
 * cut, whenever a face is lost, and on a schedule, four times as rarely while all but the faces is
 * still; what they find continues the lost face it overlaps and resembles, or starts a new one.
 * Boxes have the same geometry whoever found the face ({@link FaceLandmarks#box()}). One per video;
 * borrows its models. What it saw is kept in a file: close it when its sequences are done with.
 */
public final class FaceTracker implements AutoCloseable {
  /** Least overlap of a face with itself one sighting later. */
  private static final float SAME_FACE = 0.3f;

  /** Most difference in looks of a face with itself after it was lost. */
  private static final float LOOKS_ALIKE = 0.25f;

  /** Overlap at which two followed faces are taken for one. */
  private static final float COLLISION = 0.5f;

  /** Distance of two centres, in sums of both sides, from which faces are apart. */
  private static final float APART = 1;

  private final FaceDetector detector;
  private final FaceLandmarker landmarker;
  private final TrackOptions options;
  private final float presence;
  private final DetectionSchedule schedule;
  private final SightingFile sightings = new SightingFile();
  private final List<FaceSequence> finished = new ArrayList<>();
  private List<LiveFace> faces = new ArrayList<>();
  private int frame = -1;
  private int shot = -1;
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
    this.schedule = new DetectionSchedule(options);
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
      schedule.beginShot(frame);
    }
    if (!schedule.isDue(frame)
        && frame - landmarkFrame < options.landmarkInterval()
        && areApart() // others may be taken for each other
        && faces.stream().allMatch(this::isFollowed)) {
      return;
    }
    previousLandmarkFrame = landmarkFrame;
    landmarkFrame = frame;
    carry(image);
    List<Box> lost = boxes(face -> !isFollowed(face));
    if (!lost.isEmpty() || (schedule.isDue(frame) && isWorthALook(image))) {
      detect(image, schedule.look(frame, image, boxes(face -> true), lost));
    }
    List<LiveFace> kept = new ArrayList<>();
    for (LiveFace face : faces) {
      if (frame - face.lastFrame() <= options.maximumGap()) {
        kept.add(face);
      } else {
        schedule.missSomeone();
        retire(face);
      }
    }
    faces = kept;
    schedule.plan(frame, !faces.isEmpty());
  }

  private boolean isWorthALook(Mat image) {
    return faces.isEmpty()
        || !areApart()
        || schedule.isWorthALook(frame, image, boxes(face -> true));
  }

  private List<Box> boxes(Predicate<LiveFace> which) {
    return faces.stream().filter(which).map(face -> face.last().box()).toList();
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

  /** What landmarks found where a face was. */
  private record Carried(LiveFace face, Sighting sighting, FaceAppearance appearance) {
    float distance() {
      return face.appearance().distance(appearance);
    }
  }

  /** Follows each face by its landmarks; where two come upon one, it is the more alike's. */
  private void carry(Mat image) {
    List<Carried> found = new ArrayList<>();
    for (LiveFace face : faces) {
      Sighting last = face.last();
      if (face.lastFrame() < previousLandmarkFrame || last.landmarks().presence() < presence) {
        continue;
      }
      FaceLandmarks landmarks = landmarks(image, last.landmarks().landmarkSquare());
      Sighting sighting = new Sighting(landmarks.box(), last.score(), landmarks);
      Carried carried = new Carried(face, sighting, landmarker.appearance());
      if (landmarks.presence() >= presence
          && sighting.box().intersectionOverUnion(last.box()) >= SAME_FACE
          && !isAnother(carried)) {
        found.add(carried);
      } else {
        face.hold(frame - 1); // nobody looked in the frames between: it may have been there
      }
    }
    found.sort(Comparator.comparing(Carried::distance));
    for (Carried carried : found) {
      if (isTaken(carried.sighting().box())) {
        carried.face().hold(frame - 1);
      } else {
        carried.face().carry(frame, carried.sighting());
      }
    }
    for (Carried carried : found) {
      // Where faces touch, each looks partly like the other.
      if (faces.stream().noneMatch(other -> touches(carried.face(), other))) {
        carried.face().appearAs(carried.appearance());
      }
    }
  }

  /** Whether what a face was followed to looks more like another face nearby. */
  private boolean isAnother(Carried carried) {
    float distance = carried.distance();
    return faces.stream()
        .filter(other -> other != carried.face())
        .filter(other -> other.overlap(carried.sighting().box(), frame) >= SAME_FACE)
        .anyMatch(other -> other.appearance().distance(carried.appearance()) < distance);
  }

  private static boolean touches(LiveFace face, LiveFace other) {
    return face != other && face.last().box().intersectionOverUnion(other.last().box()) > 0;
  }

  private void detect(Mat image, Set<Tile> tiles) {
    long start = System.nanoTime();
    List<Detection> detections = detector.detect(image, tiles);
    detectNanos += System.nanoTime() - start;
    for (Detection detection : detections) {
      Optional<LiveFace> carried = carried(detection.faceBox());
      if (carried.isPresent()) {
        carried.get().rescore(detection.score());
      } else {
        FaceLandmarks landmarks = landmarks(image, detection.landmarkSquare());
        see(detection, landmarks, landmarker.appearance());
      }
    }
  }

  private void see(Detection detection, FaceLandmarks landmarks, FaceAppearance appearance) {
    Box box = landmarks.presence() >= presence ? landmarks.box() : detection.faceBox();
    if (box.side() < options.minimumFaceSide() || isTaken(box)) {
      return;
    }
    Sighting sighting = new Sighting(box, detection.score(), landmarks);
    Optional<LiveFace> lost =
        faces.stream()
            .filter(face -> face.lastFrame() < frame)
            .filter(face -> face.overlap(box, frame) >= SAME_FACE)
            .filter(face -> face.appearance().distance(appearance) <= LOOKS_ALIKE)
            .min(Comparator.comparing(face -> face.appearance().distance(appearance)));
    if (lost.isPresent()) {
      lost.get().add(frame, sighting);
      lost.get().appearAs(appearance);
    } else if (faces.size() < options.maximumFaces()) {
      faces.add(new LiveFace(sightings, shot, frame, sighting, appearance));
    }
  }

  private boolean isTaken(Box box) {
    return faces.stream()
        .filter(face -> face.lastFrame() == frame)
        .anyMatch(face -> face.last().box().intersectionOverUnion(box) > COLLISION);
  }

  /** The face seen in this frame that a box is of. */
  private Optional<LiveFace> carried(Box box) {
    return faces.stream()
        .filter(face -> face.lastFrame() == frame)
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
    if (isKept(sequence)) {
      finished.add(sequence);
    }
  }

  private boolean isKept(FaceSequence sequence) {
    long confirmed =
        sequence.sightings().stream().filter(s -> s.landmarks().presence() >= presence).count();
    return sequence.frames() >= options.minimumFrames()
        && confirmed >= options.minimumLandmarkShare() * sequence.frames();
  }

  /**
   * Ends the video and returns its sequences long enough and confirmed, by first frame and then
   * from left to right.
   *
   * @param dissolves first frames of the shots that were not told by number, in order
   */
  public List<FaceSequence> finish(List<Integer> dissolves) {
    end(frame);
    return finished.stream()
        .flatMap(sequence -> parts(sequence, dissolves).stream())
        .sorted(
            Comparator.comparing(FaceSequence::firstFrame)
                .thenComparing(sequence -> sequence.sightings().get(0).box().x()))
        .toList();
  }

  /** What dissolves leave of a sequence that was kept. */
  private List<FaceSequence> parts(FaceSequence sequence, List<Integer> dissolves) {
    List<FaceSequence> parts = sequence.split(dissolves);
    return parts.size() == 1 ? parts : parts.stream().filter(this::isKept).toList();
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
    schedule.close();
    sightings.close();
  }
}
