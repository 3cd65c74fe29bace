package dev.mien.preprocessing.clip;

import dev.mien.preprocessing.crop.CropGeometry;
import dev.mien.preprocessing.crop.Square;
import dev.mien.preprocessing.track.FaceQuality;
import dev.mien.preprocessing.track.FaceSequence;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A clip that is to be cut: which frames of which track, and where the crop lies in each.
 *
 * @param from index of the first frame in the track
 * @param to index after the last frame in the track
 * @param squares crop of each frame
 * @param quality the figures that are known before it is cut
 */
record ClipPlan(
    String trackId,
    int index,
    FaceSequence sequence,
    int from,
    int to,
    List<Square> squares,
    FaceQuality quality) {

  /**
   * Cuts a track into as few clips as possible: clips of full length while at least half of one is
   * left after them, then the rest, halved if it is too long for one. With 64 frames at most, a
   * track of 61 to 64 or at least 96 frames has a clip that fits 16 frames at stride 4 (61 frames);
   * one of 65 to 95 has not, since its two clips have 32 to 48 frames. No clip of a longer track is
   * too short for stride 2 (31 frames).
   */
  static List<ClipPlan> of(
      String trackId, FaceSequence sequence, float[] boxes, PreprocessingOptions options) {
    CropGeometry geometry = options.crop().geometry();
    float[] placed =
        switch (geometry) {
          case MARLIN, TIGHT -> boxes;
          case SYNCNET -> sequence.syncnetBoxes();
        };
    int maximum = options.clip().maximumFrames();
    List<ClipPlan> plans = new ArrayList<>();
    for (int from = 0; from < sequence.frames(); ) {
      int to = from + nextLength(sequence.frames() - from, maximum);
      List<Square> squares = List.of(geometry.squares(placed, from, to));
      FaceQuality quality = sequence.quality(from, to, boxes, options.detection().presence());
      plans.add(new ClipPlan(trackId, plans.size(), sequence, from, to, squares, quality));
      from = to;
    }
    return plans;
  }

  /** Number of frames of the next clip, for a track with so many frames left. */
  static int nextLength(int left, int maximum) {
    if (left <= maximum) {
      return left;
    }
    return left - maximum >= maximum / 2 ? maximum : (left + 1) / 2;
  }

  int frames() {
    return to - from;
  }

  /** Index of the clip's first frame among the kept frames of the video. */
  int firstFrame() {
    return sequence.firstFrame() + from;
  }

  /** Index of the clip's last frame among the kept frames of the video. */
  int lastFrame() {
    return sequence.firstFrame() + to - 1;
  }

  String clipId() {
    return String.format(Locale.ROOT, "%s-c%04d", trackId, index);
  }
}
