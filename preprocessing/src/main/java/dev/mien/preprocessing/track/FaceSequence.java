package dev.mien.preprocessing.track;

import dev.mien.preprocessing.detect.Box;
import dev.mien.preprocessing.detect.FaceLandmarks;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * One person in one shot, with a sighting for every frame.
 *
 * @param shot number of the shot in the video
 * @param firstFrame index of the first frame among the kept frames of the video
 * @param sightings not copied: the tracker keeps them in a file, and each is read when needed
 */
public record FaceSequence(int shot, int firstFrame, List<Sighting> sightings) {
  private static final int MEAN_WINDOW = 5;
  private static final int SYNCNET_WINDOW = 13;

  public int frames() {
    return sightings.size();
  }

  /**
   * The parts of the sequence between frames at which shots begin, with shots numbered accordingly.
   *
   * @param cuts frames of the video, in order
   */
  List<FaceSequence> split(List<Integer> cuts) {
    List<FaceSequence> parts = new ArrayList<>();
    int from = 0;
    int shots = 0;
    for (int cut : cuts) {
      int to = Math.min(frames(), cut - firstFrame);
      if (to > from) {
        parts.add(part(shots, from, to));
        from = to;
      }
      shots++;
    }
    if (from < frames()) {
      parts.add(part(cuts.size(), from, frames()));
    }
    return parts;
  }

  private FaceSequence part(int shotsBefore, int from, int to) {
    return new FaceSequence(shot + shotsBefore, firstFrame + from, sightings.subList(from, to));
  }

  /** The sighting in a frame of the video, if the face was followed then. */
  Optional<Sighting> at(int frame) {
    int index = frame - firstFrame;
    return index >= 0 && index < frames() ? Optional.of(sightings.get(index)) : Optional.empty();
  }

  /**
   * The figures of the frames {@code [from,to)} that are known without pixels; the others are 0.
   * Angles are means over the frames whose landmarks are believed, or over all frames if none are.
   *
   * @param boxes {@code [n,4]} smoothed boxes of the whole sequence
   * @param leastPresence from which on the landmarks are believed
   */
  public FaceQuality quality(int from, int to, float[] boxes, float leastPresence) {
    int n = to - from;
    double score = 0;
    double presence = 0;
    Pose believed = new Pose();
    Pose guessed = new Pose();
    float[] sides = new float[n];
    for (int i = from; i < to; i++) {
      Sighting sighting = sightings.get(i);
      FaceLandmarks landmarks = sighting.landmarks();
      score += sighting.score();
      presence += landmarks.presence();
      (landmarks.presence() >= leastPresence ? believed : guessed).add(landmarks);
      sides[i - from] = Math.max(boxes[4 * i + 2], boxes[4 * i + 3]);
    }
    Arrays.sort(sides);
    Pose pose = believed.frames > 0 ? believed : guessed;
    return new FaceQuality(
        (float) (score / n),
        (float) (presence / n),
        (float) believed.frames / n,
        (sides[(n - 1) / 2] + sides[n / 2]) / 2,
        0,
        0,
        0,
        (float) (pose.yaw / pose.frames),
        (float) (pose.pitch / pose.frames),
        (float) (pose.roll / pose.frames));
  }

  /** Sums of angles over frames. */
  private static final class Pose {
    private int frames;
    private double yaw;
    private double pitch;
    private double roll;

    void add(FaceLandmarks landmarks) {
      frames++;
      yaw += landmarks.yaw();
      pitch += landmarks.pitch();
      roll += landmarks.roll();
    }
  }

  /**
   * {@code [n,4]} smoothed boxes x, y, w, h in source pixels. Centre and size are each
   * median-filtered over the window, which removes outliers but moves in steps, and then averaged
   * over a few frames, which turns a step into a short slope.
   */
  public float[] smoothedBoxes(int window) {
    int n = frames();
    float[] centreX = new float[n];
    float[] centreY = new float[n];
    float[] width = new float[n];
    float[] height = new float[n];
    for (int i = 0; i < n; i++) {
      Box box = sightings.get(i).box(); // each is read from the file
      centreX[i] = box.centreX();
      centreY[i] = box.centreY();
      width[i] = box.width();
      height[i] = box.height();
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

  /**
   * {@code [n,4]} square boxes in source pixels as SyncNet's tracker smooths them: half the longer
   * side, and the centre, each under a median of 13 frames.
   */
  public float[] syncnetBoxes() {
    int n = frames();
    float[] half = new float[n];
    float[] centreX = new float[n];
    float[] centreY = new float[n];
    for (int i = 0; i < n; i++) {
      Box box = sightings.get(i).box();
      half[i] = box.side() / 2;
      centreX[i] = box.centreX();
      centreY[i] = box.centreY();
    }
    half = MedianFilter.smooth(half, SYNCNET_WINDOW);
    centreX = MedianFilter.smooth(centreX, SYNCNET_WINDOW);
    centreY = MedianFilter.smooth(centreY, SYNCNET_WINDOW);
    float[] boxes = new float[4 * n];
    for (int i = 0; i < n; i++) {
      boxes[4 * i] = centreX[i] - half[i];
      boxes[4 * i + 1] = centreY[i] - half[i];
      boxes[4 * i + 2] = 2 * half[i];
      boxes[4 * i + 3] = 2 * half[i];
    }
    return boxes;
  }

  private static float[] smoothed(float[] values, int window) {
    return MeanFilter.smooth(MedianFilter.smooth(values, window), Math.min(MEAN_WINDOW, window));
  }

  /** {@code [n]} detector scores. */
  public float[] scores() {
    float[] scores = new float[frames()];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = sightings.get(i).score();
    }
    return scores;
  }
}
