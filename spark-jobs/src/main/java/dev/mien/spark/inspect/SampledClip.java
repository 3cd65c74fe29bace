package dev.mien.spark.inspect;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.xxhash64;

import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.clip.ChosenClips;
import dev.mien.spark.dataset.clip.StoredClip;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;

/**
 * A clip to be shown.
 *
 * @param timestamps microseconds from the start of the video, one per frame
 * @param facts a line on whose clip it is and its quality
 */
record SampledClip(StoredClip clip, List<Long> timestamps, String facts) {

  /**
   * Clips drawn by a hash of their ids, the same for the same dataset, ordered by id.
   *
   * @param clips the dataset's, with their ids
   */
  static List<SampledClip> draw(FaceVideoDataset dataset, Dataset<Row> clips, int count) {
    List<String> drawn =
        clips
            .select("clip_id")
            .orderBy(xxhash64(col("clip_id")), col("clip_id"))
            .limit(count)
            .as(Encoders.STRING())
            .collectAsList();
    return read(dataset, drawn);
  }

  /** The clips of these ids, ordered by id. */
  static List<SampledClip> read(FaceVideoDataset dataset, List<String> clipIds) {
    return ChosenClips.read(dataset, clipIds).collectAsList().stream()
        .map(SampledClip::of)
        .sorted(Comparator.comparing(sample -> sample.clip().clipId()))
        .toList();
  }

  private static SampledClip of(Row row) {
    return new SampledClip(
        StoredClip.of(row), row.getList(row.fieldIndex("timestamps")), facts(row));
  }

  private static String facts(Row row) {
    Row quality = row.getAs("quality");
    String person = row.getAs("person_id");
    return String.format(
        Locale.ROOT,
        "%s · %d frames at %.1f fps · face %.0f px · yaw %+d°, pitch %+d°, roll %+d°",
        person == null ? "unknown person" : person,
        row.<Integer>getAs("frames"),
        row.<Double>getAs("frames_per_second"),
        quality.<Float>getAs("face_side"),
        Math.round(quality.<Float>getAs("yaw")),
        Math.round(quality.<Float>getAs("pitch")),
        Math.round(quality.<Float>getAs("roll")));
  }
}
