package dev.mien.spark.preprocess;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;

/** Tells which of the dataset's videos have no file any longer. */
final class GoneFiles {

  /** Files that a task asks for, few enough that its requests take seconds. */
  private static final int FILES_IN_TASK = 500;

  private GoneFiles() {}

  /** Those of the URIs at which nothing is; a file system that does not answer may have them. */
  static Set<String> among(SparkSession spark, Collection<String> uris) {
    if (uris.isEmpty()) {
      return Set.of();
    }
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    Broadcast<SerializableConfiguration> hadoop =
        context.broadcast(new SerializableConfiguration(spark.sessionState().newHadoopConf()));
    return Set.copyOf(
        context
            .parallelize(List.copyOf(uris), uris.size() / FILES_IN_TASK + 1)
            .filter(uri -> isGone(uri, hadoop.value().value()))
            .collect());
  }

  private static boolean isGone(String uri, Configuration hadoop) {
    try {
      Path path = new Path(uri);
      return !path.getFileSystem(hadoop).exists(path);
    } catch (IOException | RuntimeException e) { // the latter as of a client that is not there
      return false;
    }
  }
}
