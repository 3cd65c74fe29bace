package dev.mien.spark.preprocess;

import dev.mien.spark.dataset.Tables;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/** A row of {@link Tables#VIDEOS}, which need not have the table's schema. */
record VideoRow(Row row) {

  static List<Row> rows(List<VideoRow> videos) {
    return videos.stream().map(VideoRow::row).toList();
  }

  String videoId() {
    return row.getString(column("video_id"));
  }

  String uri() {
    return row.getString(column("uri"));
  }

  /** Size of the file in bytes. */
  long size() {
    return row.getLong(column("size"));
  }

  /** The sha256 of the file's bytes; empty when they were not read. */
  String contentHash() {
    return row.getString(column("content_hash"));
  }

  /** The person that it shows; null when nobody said so. */
  String person() {
    return row.getString(column("person_id"));
  }

  /** Length of the video; 0 when it did not open. */
  double seconds() {
    int column = column("seconds");
    return row.isNullAt(column) ? 0 : row.getDouble(column);
  }

  int framesDecoded() {
    return row.getInt(column("frames_decoded"));
  }

  int tracks() {
    return row.getInt(column("tracks"));
  }

  int clips() {
    return row.getInt(column("clips"));
  }

  /** Bytes of the stored frames. */
  long clipBytes() {
    return row.getLong(column("clip_bytes"));
  }

  String outcome() {
    return row.getString(column("outcome"));
  }

  boolean isProcessed() {
    return outcome().equals(Tables.PROCESSED);
  }

  /** Why the video was rejected or quarantined, with details; empty when it was processed. */
  String reason() {
    return row.getString(column("reason"));
  }

  /** How many tracks and clips were left out, by reason. */
  Map<String, Integer> dropped() {
    return row.getJavaMap(column("dropped"));
  }

  /** What was wrong with the video's metadata; only of rows made by this run, not of read ones. */
  List<String> problems() {
    Object[] problems = (Object[]) row.get(column("problems"));
    return Arrays.stream(problems).map(String.class::cast).toList();
  }

  /** Seconds that cores spent on the frames, all stages together. */
  double workSeconds() {
    Row times = row.getStruct(column("times"));
    double work = 0;
    for (int stage = 0; stage < times.size(); stage++) {
      work += times.getDouble(stage);
    }
    return work;
  }

  /** The same video, rejected: what was made of its frames is not kept. */
  VideoRow rejected(String reason) {
    Object[] values = new Object[row.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = row.get(i);
    }
    values[column("tracks")] = 0;
    values[column("clips")] = 0;
    values[column("clip_bytes")] = 0L;
    values[column("outcome")] = Tables.REJECTED;
    values[column("reason")] = reason;
    return new VideoRow(RowFactory.create(values));
  }

  private static int column(String name) {
    return Tables.VIDEOS.fieldIndex(name);
  }
}
