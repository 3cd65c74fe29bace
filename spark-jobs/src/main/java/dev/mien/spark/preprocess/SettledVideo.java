package dev.mien.spark.preprocess;

import dev.mien.spark.preprocess.task.Artefact;
import dev.mien.spark.preprocess.task.Artefact.Kind;
import java.io.Serializable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A processed video's row as it will be published; its tracks and clips must agree with it. */
public record SettledVideo(String videoId, String outcome, int tracks, int clips, long clipBytes)
    implements Serializable {

  /** The processed videos of a batch, by URI. */
  static HashMap<String, SettledVideo> byUri(List<VideoRow> videos) {
    HashMap<String, SettledVideo> settled = new HashMap<>();
    videos.stream()
        .filter(VideoRow::isProcessed)
        .forEach(video -> settled.put(video.uri(), of(video)));
    return settled;
  }

  /**
   * Whether an artefact belongs to one of these videos.
   *
   * @throws DecodedOtherwiseException when it is a video's row that differs from the settled one,
   *     since the video was decoded again and gave something else
   */
  static boolean include(Map<String, SettledVideo> videos, Artefact artefact) {
    SettledVideo settled = videos.get(artefact.uri());
    if (settled != null && artefact.kind() == Kind.VIDEO) {
      SettledVideo again = of(new VideoRow(artefact.row()));
      if (!again.equals(settled)) {
        throw new DecodedOtherwiseException(
            "Video %s gave %s at first, and %s when it was decoded again after an executor was lost"
                .formatted(artefact.uri(), settled, again));
      }
    }
    return settled != null;
  }

  private static SettledVideo of(VideoRow video) {
    return new SettledVideo(
        video.videoId(), video.outcome(), video.tracks(), video.clips(), video.clipBytes());
  }
}
