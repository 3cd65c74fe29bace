package dev.mien.spark.dataset;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import dev.mien.spark.dataset.TableLog.Commit;
import java.util.Optional;

/**
 * What a dataset holds at one moment: a version of {@code videos} and the versions of {@code
 * tracks} and {@code clips} that belong to it. The commit to {@code videos} carries the other two
 * in its user metadata, so that this one commit publishes a batch in all three tables.
 */
public record DatasetVersion(long videos, long tracks, long clips) {

  private record Pinned(long tracks, long clips, String attempt) {}

  /** The user metadata of the commit with which an attempt publishes these versions. */
  static String pin(long tracks, long clips, String attempt) {
    return new Gson().toJson(new Pinned(tracks, clips, attempt));
  }

  /**
   * The version that a commit publishes; empty for other commits, whose metadata may be anything a
   * user has set.
   */
  private static Optional<DatasetVersion> of(Commit commit) {
    try {
      return commit
          .metadata()
          .map(metadata -> new Gson().fromJson(metadata, Pinned.class))
          .filter(pinned -> pinned.attempt() != null)
          .map(pinned -> new DatasetVersion(commit.version(), pinned.tracks(), pinned.clips()));
    } catch (JsonParseException e) {
      return Optional.empty();
    }
  }

  /** The version that a commit to {@code videos} published, if it did and the log still has it. */
  static Optional<DatasetVersion> at(TableLog videos, long version) {
    return videos.commit(version).flatMap(DatasetVersion::of);
  }

  /**
   * The newest version that the log of {@code videos} has, if any; a compaction of {@code videos}
   * publishes nothing.
   */
  static Optional<DatasetVersion> newest(TableLog videos) {
    return videos.newestFirst().flatMap(commit -> of(commit).stream()).findFirst();
  }

  @Override
  public String toString() {
    return Long.toString(videos);
  }
}
