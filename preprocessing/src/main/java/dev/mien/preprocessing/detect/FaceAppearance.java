package dev.mien.preprocessing.detect;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A coarse description of how a face looks, which stays the same for a second and differs between
 * people: the colours in the square in which landmarks were looked for.
 *
 * @param colours {@code [8,8,3]} BGR in [0,255]
 */
@SuppressWarnings("ArrayRecordComponent") // bulk data: handed over, not compared
public record FaceAppearance(float[] colours) {
  static final int SIZE = 8;

  private static final int CHANNELS = 3;
  // The square's outermost cells show what is behind the face.
  private static final int EDGE = 1;

  /**
   * @param pixels {@code [8,8,3]} BGR uint8
   */
  static FaceAppearance of(ByteBuffer pixels) {
    float[] values = new float[SIZE * SIZE * CHANNELS];
    for (int i = 0; i < values.length; i++) {
      values[i] = pixels.get(i) & 0xFF;
    }
    return new FaceAppearance(values);
  }

  /**
   * How different another face looks: the median over the cells of the mean absolute difference, in
   * units of this face's median brightness. Occlusions of less than half of the face are ignored.
   */
  public float distance(FaceAppearance found) {
    int inner = SIZE - 2 * EDGE;
    float[] differences = new float[inner * inner];
    float[] levels = new float[inner * inner];
    for (int i = 0; i < differences.length; i++) {
      int cell = (i / inner + EDGE) * SIZE + i % inner + EDGE;
      for (int j = CHANNELS * cell; j < CHANNELS * (cell + 1); j++) {
        differences[i] += Math.abs(colours[j] - found.colours[j]);
        levels[i] += colours[j];
      }
    }
    Arrays.sort(differences);
    Arrays.sort(levels);
    return differences[differences.length / 2] / Math.max(CHANNELS, levels[levels.length / 2]);
  }

  /** This appearance, moved a share of the way towards another. */
  public FaceAppearance towards(FaceAppearance other, float share) {
    float[] mixed = new float[colours.length];
    for (int i = 0; i < mixed.length; i++) {
      mixed[i] = colours[i] + share * (other.colours[i] - colours[i]);
    }
    return new FaceAppearance(mixed);
  }
}
