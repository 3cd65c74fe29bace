package dev.mien.spark.preprocess;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.sum;

import dev.mien.preprocessing.crop.CropOptions;
import dev.mien.preprocessing.detect.FaceLandmarks;
import dev.mien.preprocessing.picture.FrameFormat;
import dev.mien.preprocessing.region.RegionMapper;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.Tables;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Row;

/**
 * What a second of video costs.
 *
 * @param bytes of the video's file
 * @param work seconds of one core
 * @param clipBytes bytes of the clips that it gives
 * @param videos how many videos the figures are from; 0 when they are guesses
 */
record Costs(double bytes, double work, double clipBytes, long videos) {

  /** A guess from VoxCeleb2's own crops: ten times real time, and JPEGs of 9 kB a frame. */
  static final Costs GUESSED = new Costs(40_000, 0.1, 230_000, 0);

  private static final double FRAMES = 25;

  /** Bytes per frame of the region map and of the landmarks. */
  private static final double MAP_BYTES =
      RegionMapper.CELLS * RegionMapper.CELLS + FaceLandmarks.POINTS * 2 * Short.BYTES;

  private static final double RAW_BYTES = 3.0 * CropOptions.SIZE * CropOptions.SIZE;

  /**
   * Bytes that a second of video takes on local disks until it is published, at least: for one
   * face, at 25 frames a second.
   */
  double spilledBytes(FrameFormat format) {
    double frames =
        switch (format) {
          case JPEG -> clipBytes;
          case RAW -> Math.max(clipBytes, FRAMES * RAW_BYTES); // of JPEGs, or guessed as them
        };
    return frames + FRAMES * MAP_BYTES;
  }

  static Costs of(Optional<FaceVideoDataset> dataset) {
    return dataset.map(Costs::of).orElse(GUESSED);
  }

  private static Costs of(FaceVideoDataset dataset) {
    Column work = col("times.decode");
    for (String stage : new String[] {"detect", "landmark", "crop", "region", "encode"}) {
      work = work.plus(col("times." + stage));
    }
    Row sums =
        dataset
            .videos()
            .where(col("outcome").equalTo(Tables.PROCESSED).and(col("seconds").gt(0)))
            .agg(
                sum("seconds"),
                sum(col("size").cast("double")),
                sum(work),
                sum(col("clip_bytes").cast("double")),
                count("*"))
            .first();
    if (sums.getLong(4) == 0) {
      return GUESSED;
    }
    double seconds = sums.getDouble(0);
    return new Costs(
        sums.getDouble(1) / seconds,
        sums.getDouble(2) / seconds,
        sums.getDouble(3) / seconds,
        sums.getLong(4));
  }
}
