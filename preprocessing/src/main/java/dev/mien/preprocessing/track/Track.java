package dev.mien.preprocessing.track;

import java.util.List;

/**
 * One person in one shot, as reported and stored.
 *
 * @param trackId the video's id, "-t" and three digits
 * @param shot number of the shot in the video, from 0
 * @param firstFrame index of the first frame among the kept frames of the video
 * @param timestampsMicros {@code [n]} presentation times in microseconds
 * @param boxes {@code [n,4]} smoothed boxes x, y, w, h in source pixels, hairline to chin
 * @param scores {@code [n]} detector scores in [0,1]: the face's last one, held while landmarks
 *     follow it; 0 in a bridged gap
 * @param thumbnails whole frames, evenly spread, at most as many as the options say
 */
@SuppressWarnings("ArrayRecordComponent") // bulk data: handed over, not compared
public record Track(
    String trackId,
    int shot,
    int firstFrame,
    long[] timestampsMicros,
    float[] boxes,
    float[] scores,
    List<Thumbnail> thumbnails,
    FaceQuality quality) {
  public Track {
    thumbnails = List.copyOf(thumbnails);
  }
}
