package dev.mien.preprocessing.track;

import java.util.ArrayList;
import java.util.List;

/** A face that is being followed: what was seen of it so far. */
final class LiveFace {
  private final int shot;
  private final int firstFrame;
  private final List<Sighting> sightings = new ArrayList<>();

  LiveFace(int shot, int firstFrame, Sighting sighting) {
    this.shot = shot;
    this.firstFrame = firstFrame;
    sightings.add(sighting);
  }

  Sighting last() {
    return sightings.get(sightings.size() - 1);
  }

  int lastFrame() {
    return firstFrame + sightings.size() - 1;
  }

  /** Adds what was seen in a frame; frames missed since the last sighting are interpolated. */
  void add(int frame, Sighting sighting) {
    Sighting before = last();
    int missed = frame - lastFrame() - 1;
    for (int i = 1; i <= missed; i++) {
      sightings.add(before.towards(sighting, i / (missed + 1f)));
    }
    sightings.add(sighting);
  }

  void rescore(float score) {
    sightings.set(sightings.size() - 1, last().withScore(score));
  }

  FaceSequence sequence() {
    return new FaceSequence(shot, firstFrame, sightings);
  }
}
