package dev.mien.spark.preprocess;

import dev.mien.spark.preprocess.listing.VideoSource;
import dev.mien.spark.video.LocalVideo;
import dev.mien.spark.video.UnreadableVideoException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import scala.Tuple2;

/** Finds videos with a new modification time and the same bytes, at the cost of reading them. */
final class TouchedVideos {

  private static final int MAXIMUM_TASKS = 1000;

  /**
   * Bytes that a task reads in some ten minutes. As much is read again after a job was killed; with
   * much less, runs would publish more than they read.
   */
  private static final long TASK_BYTES = 64L << 30;

  private TouchedVideos() {}

  /**
   * The first videos, as many as are read before the touched ones among them are published, and one
   * at least.
   *
   * @param tasks how many run at once
   */
  static List<PlannedVideo> first(List<PlannedVideo> videos, int tasks) {
    int count = 0;
    long bytes = 0;
    while (count < videos.size()) {
      bytes += videos.get(count).source().size();
      if (count > 0 && bytes > tasks * TASK_BYTES) {
        break;
      }
      count++;
    }
    return videos.subList(0, count);
  }

  /** Reads videos and returns those whose bytes are the known ones; none that cannot be read. */
  static List<VideoSource> among(
      JavaSparkContext context, Configuration hadoop, List<PlannedVideo> videos) {
    Broadcast<SerializableConfiguration> configuration =
        context.broadcast(new SerializableConfiguration(hadoop));
    context.setJobDescription("Read " + videos.size() + " videos that may have been touched only");
    return context
        .parallelize(
            videos.stream().map(video -> new Tuple2<>(video.source(), video.knownHash())).toList(),
            Math.min(videos.size(), MAXIMUM_TASKS))
        .filter(video -> video._2().equals(hash(configuration.value().value(), video._1().uri())))
        .map(Tuple2::_1)
        .collect();
  }

  private static String hash(Configuration hadoop, String uri) {
    try {
      return LocalVideo.contentHash(uri, hadoop);
    } catch (UnreadableVideoException e) {
      return ""; // it is tried, and its outcome said, like any other
    }
  }
}
