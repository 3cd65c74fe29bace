package dev.mien.spark.preprocess;

import dev.mien.spark.dataset.Tables;
import dev.mien.spark.preprocess.Artefact.Kind;
import java.io.Serializable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;

/** What the table of videos will say of a processed one, and its tracks and clips must be of. */
public record SettledVideo(String videoId, String outcome, int tracks, int clips, long clipBytes)
    implements Serializable {

  private static final int VIDEO_ID = Tables.VIDEOS.fieldIndex("video_id");
  private static final int URI = Tables.VIDEOS.fieldIndex("uri");
  private static final int TRACKS = Tables.VIDEOS.fieldIndex("tracks");
  private static final int CLIPS = Tables.VIDEOS.fieldIndex("clips");
  private static final int CLIP_BYTES = Tables.VIDEOS.fieldIndex("clip_bytes");
  private static final int OUTCOME = Tables.VIDEOS.fieldIndex("outcome");

  /** Those of a batch that are processed. */
  static HashMap<String, SettledVideo> byUri(List<Row> videos) {
    HashMap<String, SettledVideo> settled = new HashMap<>();
    videos.stream()
        .filter(Duplicates::isProcessed)
        .forEach(video -> settled.put(video.getString(URI), of(video)));
    return settled;
  }

  /**
   * Whether an artefact is of one of these videos.
   *
   * @throws DecodedOtherwiseException when it says that the video gave something else this time
   */
  static boolean include(Map<String, SettledVideo> videos, Artefact artefact) {
    SettledVideo settled = videos.get(artefact.uri());
    if (settled != null && artefact.kind() == Kind.VIDEO && !of(artefact.row()).equals(settled)) {
      throw new DecodedOtherwiseException(
          "Video %s gave %s at first, and %s when it was decoded again after an executor was lost"
              .formatted(artefact.uri(), settled, of(artefact.row())));
    }
    return settled != null;
  }

  private static SettledVideo of(Row video) {
    return new SettledVideo(
        video.getString(VIDEO_ID),
        video.getString(OUTCOME),
        video.getInt(TRACKS),
        video.getInt(CLIPS),
        video.getLong(CLIP_BYTES));
  }
}
