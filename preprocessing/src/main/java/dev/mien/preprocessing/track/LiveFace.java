package dev.mien.preprocessing.track;

/** A face that is being followed: what was seen of it so far. */
final class LiveFace {
  private final int shot;
  private final int firstFrame;
  private final SightingLog sightings;
  private Sighting last;

  LiveFace(SightingFile file, int shot, int firstFrame, Sighting sighting) {
    this.sightings = new SightingLog(file);
    this.shot = shot;
    this.firstFrame = firstFrame;
    append(sighting);
  }

  private void append(Sighting sighting) {
    sightings.add(sighting);
    last = sighting;
  }

  Sighting last() {
    return last;
  }

  int lastFrame() {
    return firstFrame + sightings.size() - 1;
  }

  /** Adds what was seen in a frame; frames missed since the last sighting are interpolated. */
  void add(int frame, Sighting sighting) {
    Sighting before = last;
    int missed = frame - lastFrame() - 1;
    for (int i = 1; i <= missed; i++) {
      append(before.missed(sighting, i / (missed + 1f)));
    }
    append(sighting);
  }

  /** Adds what was seen in a frame; the frames skipped since the last sighting lie between. */
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
