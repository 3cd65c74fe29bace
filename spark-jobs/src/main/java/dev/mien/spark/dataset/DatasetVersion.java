package dev.mien.spark.dataset;

import com.google.gson.Gson;

/**
 * What a dataset holds at one moment: a version of {@code videos} and the versions of {@code
 * tracks} and {@code clips} that belong to it. The commit to {@code videos} carries the other two
 * in its user metadata, so that this one commit publishes a batch in all three tables.
 */
public record DatasetVersion(long videos, long tracks, long clips) {

  private record Pinned(long tracks, long clips, String attempt) {}

  /** The user metadata of the commit by which an attempt publishes these versions. */
  static String pin(long tracks, long clips, String attempt) {
    return new Gson().toJson(new Pinned(tracks, clips, attempt));
  }

  static DatasetVersion of(long videos, String metadata) {
    Pinned pinned = new Gson().fromJson(metadata, Pinned.class);
    return new DatasetVersion(videos, pinned.tracks(), pinned.clips());
  }

  @Override
  public String toString() {
    return Long.toString(videos);
  }
}
