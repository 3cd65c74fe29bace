package dev.mien.spark.preprocess;

import dev.mien.spark.video.LocalVideo;
import dev.mien.spark.video.UnreadableVideoException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import scala.Tuple2;

/** Finds the videos that have another time and the same bytes: reading them is all they cost. */
final class TouchedVideos {

  private static final int MAXIMUM_TASKS = 1000;

  private TouchedVideos() {}

  /** The URIs of those whose bytes are the known ones; of those that cannot be read, none. */
  static Set<String> among(
      JavaSparkContext context, Configuration hadoop, List<PlannedVideo> videos) {
    if (videos.isEmpty()) {
      return Set.of();
    }

    Broadcast<SerializableConfiguration> configuration =
        context.broadcast(new SerializableConfiguration(hadoop));
    context.setJobDescription("Read " + videos.size() + " videos that may have been touched only");
    return new HashSet<>(
        context
            .parallelize(
                videos.stream()
                    .map(video -> new Tuple2<>(video.source().uri(), video.knownHash()))
                    .toList(),
                Math.min(videos.size(), MAXIMUM_TASKS))
            .filter(video -> video._2().equals(hash(configuration.value().value(), video._1())))
            .map(Tuple2::_1)
            .collect());
  }

  private static String hash(Configuration hadoop, String uri) {
    try {
      return LocalVideo.contentHash(uri, hadoop);
    } catch (UnreadableVideoException e) {
      return ""; // it is tried, and its outcome said, like any other
    }
  }
}
