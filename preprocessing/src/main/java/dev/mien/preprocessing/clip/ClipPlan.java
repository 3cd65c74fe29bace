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

  /** Cuts a track into the fewest clips, as equally long as can be, longer ones first. */
  static List<ClipPlan> of(
      String trackId, FaceSequence sequence, float[] boxes, PreprocessingOptions options) {
    CropGeometry geometry = options.crop().geometry();
    float[] placed =
        switch (geometry) {
          case MARLIN, TIGHT -> boxes;
          case SYNCNET -> sequence.syncnetBoxes();
        };
    int maximum = options.clip().maximumFrames();
    int frames = sequence.frames();
    int clips = (frames + maximum - 1) / maximum;
    List<ClipPlan> plans = new ArrayList<>();
    int from = 0;
    for (int i = 0; i < clips; i++) {
      int to = from + frames / clips + (i < frames % clips ? 1 : 0);
      List<Square> squares = List.of(geometry.squares(placed, from, to));
      FaceQuality quality = sequence.quality(from, to, boxes, options.detection().presence());
      plans.add(new ClipPlan(trackId, i, sequence, from, to, squares, quality));
      from = to;
    }
    return plans;
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
