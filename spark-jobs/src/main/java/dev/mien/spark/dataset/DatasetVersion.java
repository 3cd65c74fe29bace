package dev.mien.spark.dataset;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import dev.mien.spark.dataset.TableLog.Commit;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

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

  /** None for a commit that publishes nothing: its metadata is what a user has all commits say. */
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

  /** Every version whose commit the log of {@code videos} still has, the newest first. */
  static List<DatasetVersion> published(TableLog videos) {
    return published(videos.since(0)).toList();
  }

  /**
   * The newest version, if the log of {@code videos} has one. Looks back over ever more commits: a
   * compaction of {@code videos} publishes nothing.
   */
  static Optional<DatasetVersion> newest(TableLog videos) {
    long last = videos.newest();
    Optional<DatasetVersion> newest = Optional.empty();
    for (long span = 1; newest.isEmpty() && span <= 8 * (last + 1); span *= 8) {
      newest = published(videos.since(Math.max(0, last + 1 - span))).findFirst();
    }
    return newest;
  }

  private static Stream<DatasetVersion> published(List<Commit> commits) {
    return commits.stream().flatMap(commit -> of(commit).stream());
  }

  @Override
  public String toString() {
    return Long.toString(videos);
  }
}
