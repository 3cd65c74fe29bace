package dev.mien.spark.preprocess;

import org.apache.spark.sql.Row;

/** A row on its way to one of the tables, and the video that it comes from. */
public record Artefact(Kind kind, String uri, Row row) {

  public enum Kind {
    VIDEO,
    TRACK,
    CLIP
  }
}
