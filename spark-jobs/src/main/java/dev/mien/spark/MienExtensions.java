package dev.mien.spark;

import dev.mien.spark.sql.MienFunctions;
import org.apache.spark.sql.SparkSessionExtensions;
import scala.runtime.AbstractFunction1;
import scala.runtime.BoxedUnit;

/**
 * Mien's SQL functions for a session, by {@code
 * spark.sql.extensions=io.delta.sql.DeltaSparkSessionExtension,dev.mien.spark.MienExtensions}.
 * {@code DESCRIBE FUNCTION mien_frames} says what one does; they are {@code mien_videos}, {@code
 * mien_tracks} and {@code mien_clips}, tables by the URI of a dataset, {@code mien_clips_of}, some
 * of its clips by their ids, and {@code mien_frames}, {@code mien_overlay}, {@code mien_animation},
 * {@code mien_contact_sheet} and {@code mien_reconstruction}, pictures of clips.
 */
public final class MienExtensions extends AbstractFunction1<SparkSessionExtensions, BoxedUnit> {

  @Override
  public BoxedUnit apply(SparkSessionExtensions extensions) {
    MienFunctions.inject(extensions);
    return BoxedUnit.UNIT;
  }
}
