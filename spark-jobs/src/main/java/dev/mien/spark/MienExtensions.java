package dev.mien.spark;

import dev.mien.spark.sql.MienFunctions;
import org.apache.spark.sql.SparkSessionExtensions;
import scala.runtime.AbstractFunction1;
import scala.runtime.BoxedUnit;

/**
 * Adds Mien's SQL functions to a session, by {@code
 * spark.sql.extensions=io.delta.sql.DeltaSparkSessionExtension,dev.mien.spark.MienExtensions}.
 * {@code mien_videos}, {@code mien_tracks} and {@code mien_clips} are the tables of a dataset by
 * its URI, {@code mien_clips_of} reads clips by their ids, and {@code mien_frames}, {@code
 * mien_overlay}, {@code mien_animation}, {@code mien_contact_sheet} and {@code mien_reconstruction}
 * draw clips. {@code DESCRIBE FUNCTION mien_frames} describes one.
 */
public final class MienExtensions extends AbstractFunction1<SparkSessionExtensions, BoxedUnit> {

  @Override
  public BoxedUnit apply(SparkSessionExtensions extensions) {
    MienFunctions.inject(extensions);
    return BoxedUnit.UNIT;
  }
}
