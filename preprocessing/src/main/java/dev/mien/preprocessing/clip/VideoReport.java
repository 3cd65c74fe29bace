package dev.mien.preprocessing.clip;

import dev.mien.preprocessing.track.Track;
import java.util.List;

/**
 * What became of one video.
 *
 * @param reason empty when processed; otherwise a short stable phrase, with ": " before any detail
 * @param probe null when the container did not open
 * @param framesDecoded source frames decoded in the first pass
 * @param tracks empty unless processed
 */
public record VideoReport(
    Outcome outcome,
    String reason,
    VideoProbe probe,
    int framesDecoded,
    List<Track> tracks,
    StageTimes times) {
  public VideoReport {
    tracks = List.copyOf(tracks);
  }
}
