package dev.mien.spark.preprocess.listing;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.SparkSession;

/**
 * The videos at a run's inputs.
 *
 * @param videos each once, in the order of their URIs
 * @param unlisted folders below the inputs whose videos are not known, since they cannot be listed,
 *     by URI, and why
 * @param otherFiles how many files are no videos by their names, by extension; those that two
 *     inputs have count twice
 */
public record FoundVideos(
    Collection<VideoSource> videos,
    SortedMap<String, String> unlisted,
    SortedMap<String, Long> otherFiles) {

  /**
   * Finds the videos of trees and lists. A list's row that names no file replaces no video that was
   * found otherwise, but its labels count.
   *
   * @param trees folders, files or globs of any Hadoop file system, see {@link VideoListing}
   * @param lists files, folders or globs of CSV or Parquet, see {@link VideoLists}; what a list
   *     says of a video holds, of several the last
   * @throws IOException when an input cannot be listed or is not there
   * @throws IllegalArgumentException when an input has no video, or a list no column of URIs
   */
  public static FoundVideos at(SparkSession spark, List<String> trees, List<String> lists)
      throws IOException {
    SortedMap<String, VideoSource> found = new TreeMap<>();
    FoundVideos listed = VideoListing.list(spark.sessionState().newHadoopConf(), trees);
    for (VideoSource video : listed.videos()) {
      found.put(video.uri(), video);
    }
    for (String list : lists) {
      for (VideoSource video : VideoLists.read(spark, list)) {
        found.merge(video.uri(), video, (earlier, later) -> later.orFileOf(earlier));
      }
    }
    return new FoundVideos(
        found.values().stream().map(VideoSource::orLabelledByPath).toList(),
        listed.unlisted(),
        listed.otherFiles());
  }
}
