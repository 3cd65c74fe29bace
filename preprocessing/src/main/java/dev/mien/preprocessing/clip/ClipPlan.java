package dev.mien.preprocessing.clip;

import dev.mien.preprocessing.crop.CropGeometry;
import dev.mien.preprocessing.crop.Square;
import dev.mien.preprocessing.track.FaceQuality;
import dev.mien.preprocessing.track.FaceSequence;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A clip that is still to be cut: which frames of which track, and where the crop lies in each.
 *
 * @param from index of the first frame in the track
 * @param to index after the last frame in the track
 * @param squares crop of each frame
 * @param quality what is known of it before it is cut
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
   * Cuts a track into the fewest clips: whole ones as long as half a one is left after them, then
   * what is left, halved when it is too long. Of 64 frames at most, a track of 61 to 64 frames or
   * of 96 and more has a clip in which 16 frames at stride 4 fit (61), one of 65 to 95 has not: its
   * two have 32 to 48. What is left over is not too short for stride 2 (31).
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

  /** Frames of the next clip of a track of which so many are left. */
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
