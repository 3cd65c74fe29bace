package dev.mien.spark.inspect;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.xxhash64;

import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.clip.ChosenClips;
import dev.mien.spark.dataset.clip.StoredClip;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * A clip to be shown.
 *
 * @param timestamps microseconds from the start of the video, one per frame
 * @param facts a line on whose clip it is and its quality
 */
record SampledClip(StoredClip clip, List<Long> timestamps, String facts) {

  /** Frames of clips that the driver holds at once, unless a single clip has more. */
  static final int FRAMES_AT_ONCE = 2000;

  /**
   * Clips drawn by a hash of their ids, the same for the same dataset, ordered by id. They are read
   * as the stream is consumed.
   *
   * @param clips the dataset's, with their ids and numbers of frames
   */
  static Stream<SampledClip> draw(FaceVideoDataset dataset, Dataset<Row> clips, int count) {
    SortedMap<String, Integer> drawn = new TreeMap<>();
    clips
        .select("clip_id", "frames")
        .orderBy(xxhash64(col("clip_id")), col("clip_id"))
        .limit(count)
        .collectAsList()
        .forEach(clip -> drawn.put(clip.getString(0), clip.getInt(1)));
    return read(dataset, drawn);
  }

  /**
   * The clips of these ids, ordered by id. They are read as the stream is consumed.
   *
   * @param frames how many frames each has
   */
  static Stream<SampledClip> read(FaceVideoDataset dataset, SortedMap<String, Integer> frames) {
    return atOnce(frames).stream()
        .flatMap(
            ids ->
                ChosenClips.read(dataset, ids).collectAsList().stream()
                    .map(SampledClip::of)
                    .sorted(Comparator.comparing(sample -> sample.clip().clipId())));
  }

  /** Groups of ids, in their order, whose clips are small enough together to be held at once. */
  static List<List<String>> atOnce(SortedMap<String, Integer> frames) {
    List<List<String>> groups = new ArrayList<>();
    int held = FRAMES_AT_ONCE;
    for (Map.Entry<String, Integer> clip : frames.entrySet()) {
      held += clip.getValue();
      if (held > FRAMES_AT_ONCE) {
        groups.add(new ArrayList<>());
        held = clip.getValue();
      }
      groups.get(groups.size() - 1).add(clip.getKey());
    }
    return groups;
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
