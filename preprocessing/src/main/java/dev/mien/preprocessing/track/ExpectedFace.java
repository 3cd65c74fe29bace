package dev.mien.preprocessing.track;

import dev.mien.preprocessing.detect.Box;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;

/**
 * Where, by a data set's metadata, a person's face is during one utterance.
 *
 * @param seconds {@code [n]} growing times from the start of the video
 * @param boxes {@code [n,4]} x, y, w, h of the face at each time
 * @param unit of the boxes
 */
@SuppressWarnings("ArrayRecordComponent") // bulk data: handed over, not compared
public record ExpectedFace(double[] seconds, float[] boxes, BoxUnit unit) {
  // VoxCeleb has 25 boxes a second; in a longer gap the position is unknown.
  private static final double LONGEST_HOLE = 0.5;

  public ExpectedFace {
    Objects.requireNonNull(unit, "unit");
    if (seconds.length == 0 || boxes.length != 4 * seconds.length) {
      throw new IllegalArgumentException(
          "Invalid expected face: %d times and %d numbers of boxes (must be n and 4 n, n above 0)"
              .formatted(seconds.length, boxes.length));
    }
    for (int i = 0; i < seconds.length; i++) {
      if (!(seconds[i] > (i == 0 ? Double.NEGATIVE_INFINITY : seconds[i - 1]))) {
        throw new IllegalArgumentException(
            "Invalid times of an expected face: %s at %d (must grow)".formatted(seconds[i], i));
      }
      if (!(boxes[4 * i + 2] > 0 && boxes[4 * i + 3] > 0)) {
        throw new IllegalArgumentException(
            "Invalid box of an expected face: %s x %s at %d (must be positive)"
                .formatted(boxes[4 * i + 2], boxes[4 * i + 3], i));
      }
    }
  }

  /**
   * The box in source pixels at a time, interpolated; empty outside the utterance.
   *
   * @param width of the upright frame
   * @param height of the upright frame
   */
  Optional<Box> at(double time, int width, int height) {
    int found = Arrays.binarySearch(seconds, time);
    if (found >= 0) {
      return Optional.of(source(found, found, 0, width, height));
    }
    int after = -found - 1;
    if (after == 0
        || after == seconds.length
        || seconds[after] - seconds[after - 1] > LONGEST_HOLE) {
      return Optional.empty();
    }
    double share = (time - seconds[after - 1]) / (seconds[after] - seconds[after - 1]);
    return Optional.of(source(after - 1, after, (float) share, width, height));
  }

  private Box source(int from, int to, float share, int width, int height) {
    float[] box = new float[4];
    for (int i = 0; i < 4; i++) {
      box[i] = boxes[4 * from + i] + share * (boxes[4 * to + i] - boxes[4 * from + i]);
    }
    return unit.inSource(box[0], box[1], box[2], box[3], width, height);
  }
}
