package dev.mien.spark.preprocess.task;

import dev.mien.preprocessing.clip.VideoReport;
import dev.mien.spark.preprocess.listing.VideoSource;
import dev.mien.spark.preprocess.task.BoxTree.Expectation;
import org.apache.spark.sql.Row;

/** A row for one of the tables, and the video that it comes from. */
public record Artefact(Kind kind, String uri, Row row) {

  public enum Kind {
    VIDEO,
    TRACK,
    CLIP
  }

  /**
   * The row of a video whose bytes were not read: it has no hash, and an id that all such videos
   * share.
   */
  public static Artefact unread(VideoSource source, String pipeline, String reason) {
    return new ArtefactRows(source, "unreadable", "", pipeline, Expectation.NONE)
        .video(VideoReport.quarantined(reason), 0, 0);
  }
}
