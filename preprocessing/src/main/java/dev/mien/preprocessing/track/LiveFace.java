package dev.mien.preprocessing.track;

import dev.mien.preprocessing.crop.Square;
import dev.mien.preprocessing.detect.Box;
import dev.mien.preprocessing.detect.FaceAppearance;
import java.util.ArrayDeque;
import java.util.Deque;

/** A face that is being followed: what was seen of it so far. */
final class LiveFace {
  /** Least overlap of a face with itself from one sighting to the next. */
  static final float SAME_FACE = 0.3f;

  /** Overlap from which on two followed faces are taken for one. */
  static final float COLLISION = 0.5f;

  // Frames over which a face's pace is measured.
  private static final int PACE_FRAMES = 6;

  // A small step, so that a short occlusion changes its looks little.
  private static final float NOVELTY = 0.15f;

  private final int shot;
  private final int firstFrame;
  private final SightingLog sightings;
  private final Deque<Box> lastBoxes = new ArrayDeque<>();
  private Sighting last;
  private FaceAppearance appearance;

  LiveFace(
      SightingFile file, int shot, int firstFrame, Sighting sighting, FaceAppearance appearance) {
    this.sightings = new SightingLog(file);
    this.shot = shot;
    this.firstFrame = firstFrame;
    this.appearance = appearance;
    append(sighting);
  }

  private void append(Sighting sighting) {
    sightings.add(sighting);
    last = sighting;
    remember();
  }

  private void remember() {
    lastBoxes.add(last.box());
    if (lastBoxes.size() > PACE_FRAMES + 1) {
      lastBoxes.remove();
    }
  }

  /** The face's recent appearance. */
  FaceAppearance appearance() {
    return appearance;
  }

  void appearAs(FaceAppearance latest) {
    appearance = appearance.towards(latest, NOVELTY);
  }

  /** How well a box overlaps the face in a frame, in [0,1]; 0 when the face was not seen there. */
  float overlapIn(Box box, int frame) {
    return lastFrame() == frame ? last.box().intersectionOverUnion(box) : 0;
  }

  /** Whether a box is at the face's place in a frame. */
  boolean isAt(Box box, int frame) {
    return overlapIn(box, frame) > COLLISION;
  }

  /** How well a box overlaps the place where the face was last, or where it was going, in [0,1]. */
  float overlap(Box box, int frame) {
    Box here = last.box();
    Box going =
        new Box(
            here.x() + goneAcross(frame), here.y() + goneDown(frame), here.width(), here.height());
    return Math.max(here.intersectionOverUnion(box), going.intersectionOverUnion(box));
  }

  /** Whether it was seen twice, so that its motion is known. */
  boolean hasPace() {
    return lastBoxes.size() > 1;
  }

  /** Where to look for the face in a frame if it moves on at the same pace. */
  Square going(int frame) {
    Square here = last.landmarks().landmarkSquare();
    return new Square(
        here.centreX() + goneAcross(frame),
        here.centreY() + goneDown(frame),
        here.side(),
        here.radians());
  }

  private float goneAcross(int frame) {
    return ahead(frame) * (last.box().centreX() - lastBoxes.element().centreX());
  }

  private float goneDown(int frame) {
    return ahead(frame) * (last.box().centreY() - lastBoxes.element().centreY());
  }

  private float ahead(int frame) {
    int reach = lastBoxes.size() - 1;
    return reach == 0 ? 0 : (frame - lastFrame()) / (float) reach;
  }

  Sighting last() {
    return last;
  }

  int lastFrame() {
    return firstFrame + sightings.size() - 1;
  }

  /** Adds a sighting; frames in which the face was missed since the last one are interpolated. */
  void add(int frame, Sighting sighting) {
    Sighting before = last;
    int missed = frame - lastFrame() - 1;
    for (int i = 1; i <= missed; i++) {
      append(before.missed(sighting, i / (missed + 1f)));
    }
    append(sighting);
  }

  /** Adds a sighting; frames skipped since the last one are interpolated. */
  void carry(int frame, Sighting sighting) {
    Sighting before = last;
    int skipped = frame - lastFrame() - 1;
    for (int i = 1; i <= skipped; i++) {
      append(before.skipped(sighting, i / (skipped + 1f)));
    }
    append(sighting);
  }

  /** Repeats the last sighting up to a frame. */
  void hold(int frame) {
    while (lastFrame() < frame) {
      sightings.repeat();
      remember();
    }
  }

  void rescore(float score) {
    last = last.withScore(score);
    sightings.replaceLast(last);
  }

  FaceSequence sequence() {
    return new FaceSequence(shot, firstFrame, sightings);
  }
}
