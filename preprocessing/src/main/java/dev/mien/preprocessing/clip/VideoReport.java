package dev.mien.preprocessing.clip;

import dev.mien.preprocessing.track.Track;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The result of preprocessing one video.
 *
 * @param reason empty when processed; otherwise a short stable phrase, with ": " before any detail
 * @param probe null when the container did not open
 * @param framesDecoded source frames decoded in the first pass
 * @param tracks empty unless processed
 * @param dropped how many tracks and clips were left out, by reason: "track: " or "clip: " and why
 * @param notices which parts of the request were not followed, and which properties of the picture
 *     were not kept: each a short stable phrase, with ": " before any detail
 */
public record VideoReport(
    Outcome outcome,
    String reason,
    VideoProbe probe,
    int framesDecoded,
    List<Track> tracks,
    Map<String, Integer> dropped,
    List<String> notices,
    StageTimes times) {
  public VideoReport {
    tracks = List.copyOf(tracks);
    notices = List.copyOf(notices);
    dropped = Collections.unmodifiableMap(new TreeMap<>(dropped)); // sorted
  }

  /** The report of a video of which nothing is known but why it cannot be preprocessed. */
  public static VideoReport quarantined(String reason) {
    return quarantined(reason, 0);
  }

  /**
   * The report of a video that turned out, after some work, not to be preprocessable.
   *
   * @param nanos of the work, whatever its stage
   */
  public static VideoReport quarantined(String reason, long nanos) {
    return new VideoReport(
        Outcome.QUARANTINED,
        reason,
        null,
        0,
        List.of(),
        Map.of(),
        List.of(),
        new StageTimes(nanos, 0, 0, 0, 0, 0));
  }
}
