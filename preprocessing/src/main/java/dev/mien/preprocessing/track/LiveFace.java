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
      sightings.add(before.missed(sighting, i / (missed + 1f)));
    }
    sightings.add(sighting);
  }

  /** Adds what was seen in a frame; the frames skipped since the last sighting lie between. */
  void carry(int frame, Sighting sighting) {
    Sighting before = last();
    int skipped = frame - lastFrame() - 1;
    for (int i = 1; i <= skipped; i++) {
      sightings.add(before.skipped(sighting, i / (skipped + 1f)));
    }
    sightings.add(sighting);
  }

  /** Repeats the last sighting up to a frame. */
  void hold(int frame) {
    Sighting last = last();
    while (lastFrame() < frame) {
      sightings.add(last);
    }
  }

  void rescore(float score) {
    sightings.set(sightings.size() - 1, last().withScore(score));
  }

  FaceSequence sequence() {
    return new FaceSequence(shot, firstFrame, sightings);
  }
}
