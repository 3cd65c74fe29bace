package dev.mien.spark.dataset;

import dev.mien.preprocessing.picture.Drawing;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** Rows as preprocessing would store them, with noise for pictures, which no other picture has. */
public final class StoredRows {

  private static final int SIDE = 64;

  /** Of each video that is processed. */
  private static final int CLIPS = 2;

  private StoredRows() {}

  /** Publishes videos, and a track and two clips for each that is processed. */
  public static FaceVideoDataset publish(
      SparkSession spark, FaceVideoDataset dataset, Row... videos) {
    return publish(spark, dataset, Integer.MAX_VALUE, videos);
  }

  /** The same, the clips of each video in a file of their own. */
  public static FaceVideoDataset publishApart(
      SparkSession spark, FaceVideoDataset dataset, Row... videos) {
    return publish(spark, dataset, CLIPS, videos);
  }

  private static FaceVideoDataset publish(
      SparkSession spark, FaceVideoDataset dataset, long clipsInFile, Row... videos) {
    List<Row> tracks = new ArrayList<>();
    List<Row> clips = new ArrayList<>();
    for (Row video : videos) {
      if (video.getString(Tables.VIDEOS.fieldIndex("outcome")).equals(Tables.PROCESSED)) {
        tracks.add(track(video.getString(0), video.getString(5)));
        for (int index = 0; index < CLIPS; index++) {
          clips.add(clip(video.getString(0), video.getString(5), index));
        }
      }
    }
    return dataset.publish(
        frame(spark, List.of(videos), Tables.VIDEOS),
        frame(spark, tracks, Tables.TRACKS),
        frame(spark, clips, Tables.CLIPS),
        clipsInFile);
  }

  /** Publishes videos of which nothing else is stored, into a dataset that is made. */
  public static FaceVideoDataset publishAlone(SparkSession spark, String uri, List<Row> videos)
      throws IOException {
    return TestDatasets.empty(spark, uri)
        .publish(
            spark.createDataFrame(videos, Tables.VIDEOS),
            frame(spark, List.of(), Tables.TRACKS),
            frame(spark, List.of(), Tables.CLIPS));
  }

  public static Dataset<Row> frame(SparkSession spark, List<Row> rows, StructType columns) {
    return spark.createDataFrame(rows, columns).coalesce(1);
  }

  /** A video under {@code file:/in/} that gave a track and two clips. */
  public static Row processed(String path, String id, String person) {
    return video(path, id, person, Tables.PROCESSED, "");
  }

  public static Row video(String path, String id, String person, String outcome, String reason) {
    return RowFactory.create(
        id,
        "file:/in/" + path,
        1L,
        2L,
        id + "-hash",
        person,
        "dev",
        null,
        null,
        400,
        300,
        25.0,
        2.0,
        "h264",
        0,
        50,
        50,
        1,
        2,
        100L,
        outcome,
        reason,
        Map.of(),
        new Object[0],
        "pipeline",
        null,
        RowFactory.create(0.0, 0.0, 0.0, 0.0, 0.0, 0.0));
  }

  private static Row track(String videoId, String person) {
    return RowFactory.create(
        videoId + "-t0",
        videoId,
        person,
        0,
        0,
        2,
        0L,
        40L,
        new long[] {0, 40},
        new float[8],
        new float[2],
        new Row[] {RowFactory.create(0, picture(videoId, 9), 1.0)},
        quality());
  }

  public static Row clip(String videoId, String person, int index) {
    return RowFactory.create(
        "%s-t0-c%04d".formatted(videoId, index),
        videoId + "-t0",
        videoId,
        person,
        "dev",
        index,
        2,
        SIDE,
        SIDE,
        25.0,
        new long[] {0, 40},
        "jpeg",
        IntStream.of(2 + index, 4 + index).mapToObj(i -> picture(videoId, i)).toArray(),
        new byte[2 * 56 * 56],
        new byte[0],
        quality(),
        new SplittableRandom(videoId.hashCode() + index).longs(4).toArray());
  }

  private static Row quality() {
    return RowFactory.create(1f, 1f, 1f, 1f, 1f, 1f, 1f, 1f, 1f, 1f);
  }

  /** JPEG; clips have the numbers 2 to 5. */
  public static byte[] picture(String videoId, int number) {
    byte[] pixels = new byte[SIDE * SIDE * 3];
    new SplittableRandom(31 * videoId.hashCode() + number).nextBytes(pixels);
    return Drawing.jpeg(ByteBuffer.wrap(pixels), SIDE, SIDE);
  }
}
