package dev.mien.spark.inspect;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.xxhash64;

import dev.mien.preprocessing.clip.Drawing;
import dev.mien.preprocessing.track.Thumbnail;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.inspect.Report.Picture;
import dev.mien.spark.inspect.Report.Sheet;
import dev.mien.spark.inspect.Report.Strip;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;

/** Tracks as rows of whole frames with the face's box. */
final class TrackSheets {

  private static final double SECONDS = 1e-6;

  private TrackSheets() {}

  /** Tracks drawn by a hash of their ids, the same ones for the same dataset, in order of id. */
  static List<Sheet> draw(FaceVideoDataset dataset, int count) {
    List<String> drawn =
        dataset
            .tracks()
            .where(size(col("thumbnails")).gt(0))
            .select("track_id")
            .orderBy(xxhash64(col("track_id")), col("track_id"))
            .limit(count)
            .as(Encoders.STRING())
            .collectAsList();
    return dataset.tracks().where(col("track_id").isin(drawn.toArray())).collectAsList().stream()
        .map(TrackSheets::sheet)
        .sorted(Comparator.comparing(Sheet::name))
        .toList();
  }

  private static Sheet sheet(Row row) {
    List<Long> timestamps = row.getList(row.fieldIndex("timestamps"));
    List<Float> boxes = row.getList(row.fieldIndex("boxes"));
    List<Row> thumbnails = row.getList(row.fieldIndex("thumbnails"));

    List<Picture> pictures = new ArrayList<>();
    for (Row thumbnail : thumbnails) {
      int frame = thumbnail.<Integer>getAs("frame");
      float[] box = new float[4];
      for (int i = 0; i < box.length; i++) {
        box[i] = boxes.get(4 * frame + i);
      }
      byte[] image =
          Drawing.boxed(
              new Thumbnail(frame, thumbnail.getAs("jpeg"), thumbnail.<Double>getAs("scale")), box);
      pictures.add(
          Picture.jpeg(
              image, String.format(Locale.ROOT, "%.1f s", timestamps.get(frame) * SECONDS)));
    }
    return new Sheet(row.getAs("track_id"), facts(row), List.of(new Strip("", pictures)));
  }

  private static String facts(Row row) {
    String person = row.getAs("person_id");
    List<Float> scores = row.getList(row.fieldIndex("scores"));
    double score = scores.stream().mapToDouble(Float::doubleValue).average().orElse(0);
    long span = row.<Long>getAs("last_timestamp") - row.<Long>getAs("first_timestamp");
    return String.format(
        Locale.ROOT,
        "%s · shot %d · %d frames over %.1f s · mean score %.2f",
        person == null ? "unknown person" : person,
        row.<Integer>getAs("shot"),
        row.<Integer>getAs("frames"),
        span * SECONDS,
        score);
  }
}
