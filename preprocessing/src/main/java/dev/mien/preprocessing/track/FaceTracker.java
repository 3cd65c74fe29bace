package dev.mien.preprocessing.track;

import dev.mien.preprocessing.detect.Box;
import dev.mien.preprocessing.detect.Detection;
import dev.mien.preprocessing.detect.FaceAppearance;
import dev.mien.preprocessing.detect.FaceDetector;
import dev.mien.preprocessing.detect.FaceLandmarker;
import dev.mien.preprocessing.detect.FaceLandmarks;
import dev.mien.preprocessing.detect.Tile;
import dev.mien.preprocessing.track.LandmarkFollower.Fit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * Follows the faces of one video through its frames.
 *
 * <p>A face is followed by its landmarks ({@link LandmarkFollower}). While faces are apart and none
 * is lost, only some frames are looked at, and those between are interpolated. Detectors run at
 * each cut, whenever a face is lost, and on a schedule, a quarter as often while everything but the
 * faces is still. A detection continues the lost face that it overlaps and resembles, or starts a
 * new one. Boxes have the same geometry whoever found the face ({@link FaceLandmarks#box()}). Make
 * one per video; it borrows its models. What it saw is kept in a file: close it when its sequences
 * are no longer needed.
 */
public final class FaceTracker implements AutoCloseable {
  /** Largest difference in looks at which a lost face is recognised. */
  private static final float LOOKS_ALIKE = 0.25f;

  /** Distance of two centres, in sums of both sides, from which on faces are apart. */
  private static final float APART = 1;

  private final FaceDetector detector;
  private final LandmarkFollower follower;
  private final TrackOptions options;
  private final float presence;
  private final DetectionSchedule schedule;
  private final SightingFile sightings;
  private final List<FaceSequence> finished = new ArrayList<>();
  private List<LiveFace> faces = new ArrayList<>();
  private int frame = -1;
  private int shot = -1;
  private int landmarkFrame = -1;
  private int previousLandmarkFrame = -1;
  private int longest;
  private long detectNanos;

  /**
   * @param presence least face score of the landmark model for its landmarks to be believed
   * @param diskShare of the disk of Java's temporary files which one video's sightings may take
   */
  public FaceTracker(
      FaceDetector detector,
      FaceLandmarker landmarker,
      TrackOptions options,
      float presence,
      double diskShare) {
    this.detector = detector;
    this.follower = new LandmarkFollower(landmarker, presence);
    this.options = options;
    this.schedule = new DetectionSchedule(options);
    this.presence = presence;
    this.sightings = new SightingFile(diskShare);
  }

  /**
   * Takes the next frame.
   *
   * @param pixels {@code [H,W]} BGR uint8, evaluated only when they are needed
   * @param shotOfFrame number of the shot that the frame belongs to
   */
  public void accept(Supplier<Mat> pixels, int shotOfFrame) {
    frame++;
    if (shotOfFrame != shot) {
      end(frame - 1);
      shot = shotOfFrame;
      schedule.beginShot(frame);
    }
    if (!schedule.isDue(frame)
        && frame - landmarkFrame < options.landmarkInterval()
        && areApart() // since two faces may be mistaken for each other
        && faces.stream().allMatch(face -> isFollowed(face) && face.hasPace())) {
      return;
    }
    Mat image = pixels.get();
    previousLandmarkFrame = landmarkFrame;
    landmarkFrame = frame;
    List<Fit> doubtful = follower.follow(image, faces, frame, previousLandmarkFrame);
    List<Box> lost = boxes(face -> !isFollowed(face));
    if (!lost.isEmpty() || (schedule.isDue(frame) && isWorthALook(image))) {
      detect(image, schedule.look(frame, image, boxes(face -> true), lost), doubtful);
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
    schedule.plan(frame, image, !faces.isEmpty());
  }

  private boolean isWorthALook(Mat image) {
    return !areApart() || schedule.isWorthALook(frame, image, boxes(face -> true));
  }

  private List<Box> boxes(Predicate<LiveFace> which) {
    return faces.stream().filter(which).map(face -> face.last().box()).toList();
  }

  /** Whether no two faces can come to overlap from one frame to the next. */
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

  private void detect(Mat image, Set<Tile> tiles, List<Fit> doubtful) {
    long start = System.nanoTime();
    List<Detection> detections = detector.detect(image, tiles);
    detectNanos += System.nanoTime() - start;
    for (Detection detection : detections) {
      Optional<LiveFace> seen = seen(detection.faceBox());
      if (seen.isPresent()) {
        seen.get().rescore(detection.score());
      } else {
        FaceLandmarks landmarks = follower.landmarks(image, detection.landmarkSquare());
        see(detection, landmarks, follower.appearance(), doubtful);
      }
    }
  }

  /** The face seen in this frame that a box belongs to. */
  private Optional<LiveFace> seen(Box box) {
    return faces.stream()
        .filter(face -> face.overlapIn(box, frame) >= LiveFace.SAME_FACE)
        .max(Comparator.comparing(face -> face.overlapIn(box, frame)));
  }

  /** Takes a detection for the lost face that it continues, or for a new one. */
  private void see(
      Detection detection, FaceLandmarks landmarks, FaceAppearance appearance, List<Fit> doubtful) {
    Box box = landmarks.presence() >= presence ? landmarks.box() : detection.faceBox();
    if (box.side() < options.minimumFaceSide()
        || faces.stream().anyMatch(face -> face.isAt(box, frame))) {
      return;
    }
    Sighting sighting = new Sighting(box, detection.score(), landmarks);
    Optional<LiveFace> lost =
        faces.stream()
            .filter(face -> face.lastFrame() < frame)
            .filter(face -> face.overlap(box, frame) >= LiveFace.SAME_FACE)
            .filter(face -> face.appearance().distance(appearance) <= LOOKS_ALIKE)
            .min(Comparator.comparing(face -> face.appearance().distance(appearance)))
            .or(() -> confirmed(box, doubtful));
    if (lost.isPresent()) {
      // It was seen at the last look, and not missed since, because nobody looked.
      if (lost.get().lastFrame() == previousLandmarkFrame) {
        lost.get().carry(frame, sighting);
      } else {
        lost.get().add(frame, sighting);
      }
      lost.get().appearAs(appearance);
    } else if (faces.size() < options.maximumFaces()) {
      faces.add(new LiveFace(sightings, shot, frame, sighting, appearance));
    }
  }

  /**
   * The face of a doubtful fit where a detector finds a face, too: it is the same one, with changed
   * looks.
   */
  private Optional<LiveFace> confirmed(Box box, List<Fit> doubtful) {
    return doubtful.stream()
        .filter(fit -> fit.sighting().box().intersectionOverUnion(box) > LiveFace.COLLISION)
        .map(Fit::face)
        .filter(face -> face.lastFrame() < frame)
        .findFirst();
  }

  /** Ends a shot; faces that are followed are held until its last frame. */
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
   * Ends the video and returns the sequences that are long enough and confirmed, by first frame and
   * then from left to right.
   *
   * @param dissolves first frames of the shots that dissolves lead to, in order
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

  /** The parts of a sequence between dissolves. */
  private List<FaceSequence> parts(FaceSequence sequence, List<Integer> dissolves) {
    List<FaceSequence> parts = sequence.split(dissolves);
    return parts.size() == 1 ? parts : parts.stream().filter(this::isKept).toList();
  }

  /** Why no more frames should be taken; empty while there is room for what is seen in them. */
  public String lackOfRoom() {
    return sightings.isFull() ? "faces larger than the local disk: more than " + sightings : "";
  }

  /** Frames of the longest sequence, kept or not. */
  public int longestFrames() {
    return longest;
  }

  /** Time spent in the detectors so far. */
  public long detectNanos() {
    return detectNanos;
  }

  /** Time spent in the landmark model so far. */
  public long landmarkNanos() {
    return follower.nanos();
  }

  @Override
  public void close() {
    schedule.close();
    sightings.close();
  }
}
