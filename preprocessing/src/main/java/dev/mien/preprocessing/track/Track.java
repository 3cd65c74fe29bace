package dev.mien.preprocessing.track;

import java.util.List;

/**
 * One person in one shot, as it is reported and stored.
 *
 * @param trackId the video's id, "-t" and three digits
 * @param shot number of the shot in the video, from 0
 * @param firstFrame index of the first frame among the kept frames of the video
 * @param timestampsMicros {@code [n]} presentation times in microseconds
 * @param boxes {@code [n,4]} smoothed boxes x, y, w, h in source pixels, hairline to chin
 * @param scores {@code [n]} detector scores in [0,1]: the last one given to the face, held while
 *     landmarks carry it; 0 where a gap was bridged
 * @param thumbnails whole frames, evenly thinned, as many as the options say at most
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
