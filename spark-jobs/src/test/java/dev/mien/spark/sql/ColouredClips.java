package dev.mien.spark.sql;

import dev.mien.preprocessing.region.Region;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.Tables;
import dev.mien.spark.dataset.TestDatasets;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;

/**
 * A dataset of clips whose every pixel is known: frame {@code t} of clip {@code n} is all of {@link
 * #colour}, the upper half of the face is background and the lower half skin.
 */
public final class ColouredClips {

  public static final int SIDE = 56;
  public static final int FRAMES = 40;

  /** Too short for a window of 16 frames two apart. */
  public static final int SHORT = 20;

  private ColouredClips() {}

  /** Clips {@code c0} to {@code c4} of {@link #FRAMES}, and {@code short} of {@link #SHORT}. */
  public static FaceVideoDataset write(SparkSession spark, String uri) throws IOException {
    List<Row> clips =
        IntStream.rangeClosed(0, 5)
            .mapToObj(n -> n == 5 ? clip("short", n, SHORT) : clip("c" + n, n, FRAMES))
            .toList();
    return TestDatasets.empty(spark, uri)
        .publish(
            spark.createDataFrame(List.of(video()), Tables.VIDEOS),
            spark.createDataFrame(List.of(), Tables.TRACKS),
            spark.createDataFrame(clips, Tables.CLIPS).repartition(3));
  }

  /** 0xRRGGBB */
  public static int colour(int clip, int frame) {
    return ((5 * frame) << 16) | ((40 * clip) << 8) | 200;
  }

  public static Row clip(String id, int number, int frames) {
    byte[][] images = new byte[frames][3 * SIDE * SIDE];
    for (int t = 0; t < frames; t++) {
      int colour = colour(number, t);
      for (int i = 0; i < images[t].length; i++) {
        images[t][i] = (byte) (colour >> (16 - 8 * (i % 3)));
      }
    }
    byte[] regions = new byte[frames * 56 * 56];
    for (int i = 0; i < regions.length; i++) {
      boolean upper = i % (56 * 56) < 56 * 28;
      regions[i] = (byte) (upper ? Region.BACKGROUND.bit() : Region.SKIN.bit());
    }
    return RowFactory.create(
        id,
        "v0-t000",
        "v0",
        number % 2 == 0 ? "even" : "odd",
        "dev",
        number,
        frames,
        SIDE,
        SIDE,
        25.0,
        LongStream.range(0, frames).map(t -> 1_000_000 + 40_000 * t).toArray(),
        "raw",
        images,
        regions,
        new byte[frames * 468 * 2 * Short.BYTES],
        RowFactory.create(0.9f, 1f, 1f, 100f, 50f - number, 128f, 1f, 0f, 0f, 0f),
        new long[] {1, 2, 3, 4});
  }

  private static Row video() {
    Object[] row = new Object[Tables.VIDEOS.size()];
    Arrays.setAll(row, i -> "");
    Map<String, Object> values =
        Map.of(
            "video_id",
            "v0",
            "uri",
            "file:/v0",
            "size",
            1L,
            "modified",
            1L,
            "frames_decoded",
            1,
            "tracks",
            1,
            "clips",
            6,
            "clip_bytes",
            1L,
            "outcome",
            "processed");
    for (String column : List.of("width", "height", "frames_per_second", "seconds")) {
      row[Tables.VIDEOS.fieldIndex(column)] = null;
    }
    row[Tables.VIDEOS.fieldIndex("rotation")] = null;
    row[Tables.VIDEOS.fieldIndex("frames_promised")] = null;
    row[Tables.VIDEOS.fieldIndex("dropped")] = Map.of();
    row[Tables.VIDEOS.fieldIndex("problems")] = new Object[0];
    row[Tables.VIDEOS.fieldIndex("times")] = RowFactory.create(0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
    values.forEach((column, value) -> row[Tables.VIDEOS.fieldIndex(column)] = value);
    return RowFactory.create(row);
  }
}
