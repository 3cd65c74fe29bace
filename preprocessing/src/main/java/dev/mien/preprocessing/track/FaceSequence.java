package dev.mien.preprocessing.track;

import java.util.List;

/**
 * One person in one shot, a sighting for every frame.
 *
 * @param shot number of the shot in the video
 * @param firstFrame index of the first frame among the kept frames of the video
 */
public record FaceSequence(int shot, int firstFrame, List<Sighting> sightings) {
  private static final int MEAN_WINDOW = 5;

  public FaceSequence {
    sightings = List.copyOf(sightings);
  }

  public int frames() {
    return sightings.size();
  }

  /**
   * `[n,4]` boxes x, y, w, h in source pixels. Centre and size are each median-filtered over the
   * window, which removes outliers but moves in steps, and then averaged over few frames, which
   * makes a step a short slope.
   */
  public float[] smoothedBoxes(int window) {
    int n = frames();
    float[] centreX = new float[n];
    float[] centreY = new float[n];
    float[] width = new float[n];
    float[] height = new float[n];
    for (int i = 0; i < n; i++) {
      centreX[i] = sightings.get(i).box().centreX();
      centreY[i] = sightings.get(i).box().centreY();
      width[i] = sightings.get(i).box().width();
      height[i] = sightings.get(i).box().height();
    }
    centreX = smoothed(centreX, window);
    centreY = smoothed(centreY, window);
    width = smoothed(width, window);
    height = smoothed(height, window);
    float[] boxes = new float[4 * n];
    for (int i = 0; i < n; i++) {
      boxes[4 * i] = centreX[i] - width[i] / 2;
      boxes[4 * i + 1] = centreY[i] - height[i] / 2;
      boxes[4 * i + 2] = width[i];
      boxes[4 * i + 3] = height[i];
    }
    return boxes;
  }

  private static float[] smoothed(float[] values, int window) {
    return MeanFilter.smooth(MedianFilter.smooth(values, window), Math.min(MEAN_WINDOW, window));
  }

  /** `[n]` detector scores. */
  public float[] scores() {
    float[] scores = new float[frames()];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = sightings.get(i).score();
    }
    return scores;
  }
}
