package dev.mien.spark.preprocess;

import dev.mien.spark.dataset.ConcurrentPublicationException;
import dev.mien.spark.dataset.FaceVideoDataset;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.SparkSession;

/** The version of a dataset that is the newest by the time something is published onto it. */
final class NewestVersion {

  /** Attempts to publish, each of which another run must have come before to fail. */
  private static final int ATTEMPTS = 20;

  private NewestVersion() {}

  /** Publishes onto the newest version, however often another run comes first. */
  static FaceVideoDataset publish(
      SparkSession spark, String uri, UnaryOperator<FaceVideoDataset> publication) {
    for (int attempt = 1; ; attempt++) {
      try {
        return publication.apply(FaceVideoDataset.open(spark, uri));
      } catch (ConcurrentPublicationException e) {
        if (attempt == ATTEMPTS) {
          throw e;
        }
        System.out.println(e.getMessage() + "; trying again");
      }
    }
  }
}
