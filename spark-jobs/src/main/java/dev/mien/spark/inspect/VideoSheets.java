package dev.mien.spark.inspect;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.xxhash64;

import dev.mien.preprocessing.picture.ContactSheet;
import dev.mien.preprocessing.picture.Drawing;
import dev.mien.preprocessing.track.Thumbnail;
import dev.mien.spark.dataset.EvenChoice;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.Tables;
import dev.mien.spark.inspect.Report.Picture;
import dev.mien.spark.inspect.Report.Sheet;
import dev.mien.spark.inspect.Report.Strip;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;

/**
 * Draws videos as contact sheets, from their beginning to their end: whole frames with the box of
 * every tracked face, and an empty picture for each stretch without a track.
 */
final class VideoSheets {

  /** How many pictures of a video are drawn at most: three rows of a screen. */
  static final int PICTURES = 3 * ContactSheet.COLUMNS;

  /** Videos whose tracks, with all their thumbnails, the driver holds at once. */
  private static final int AT_ONCE = 16;

  private static final double SECONDS = 1e-6;

  /** Seconds; shorter stretches without a face may be a single miss of the tracker. */
  private static final double SHORTEST_GAP = 0.4;

  private VideoSheets() {}

  /** Draws videos chosen by a hash of their ids, the same for the same dataset, ordered by URI. */
  static List<Sheet> draw(FaceVideoDataset dataset, int count) {
    List<Row> videos =
        dataset
            .videos()
            .where(col("outcome").equalTo(Tables.PROCESSED))
            .select("video_id", "uri", "person_id", "seconds", "width", "height")
            .orderBy(xxhash64(col("video_id")), col("video_id"))
            .limit(count)
            .collectAsList();
    List<Row> byUri =
        videos.stream().sorted(Comparator.comparing((Row video) -> video.getString(1))).toList();
    List<Sheet> sheets = new ArrayList<>();
    for (int from = 0; from < byUri.size(); from += AT_ONCE) {
      sheets.addAll(sheets(dataset, byUri.subList(from, Math.min(byUri.size(), from + AT_ONCE))));
    }
    return sheets;
  }

  private static List<Sheet> sheets(FaceVideoDataset dataset, List<Row> videos) {
    Object[] ids = videos.stream().map(video -> video.get(0)).toArray();
    Map<String, List<Track>> tracks =
        dataset.tracks().where(col("video_id").isin(ids)).collectAsList().stream()
            .map(Track::of)
            .collect(Collectors.groupingBy(Track::videoId));
    return videos.stream()
        .map(video -> sheet(video, tracks.getOrDefault(video.getString(0), List.of())))
        .toList();
  }

  private static Sheet sheet(Row video, List<Track> tracks) {
    double seconds = video.isNullAt(3) ? 0 : video.getDouble(3);
    List<Moment> moments = new ArrayList<>(gaps(video, tracks, seconds));
    for (Track track : tracks) {
      track.thumbnails().forEach(thumbnail -> moments.add(pictured(track, thumbnail, tracks)));
    }
    moments.sort(Comparator.comparingDouble(Moment::second));

    List<Picture> pictures =
        Arrays.stream(EvenChoice.of(moments.size(), PICTURES))
            .mapToObj(i -> moments.get(i).picture().get())
            .toList();
    List<Strip> strips = new ArrayList<>();
    for (int from = 0; from < pictures.size(); from += ContactSheet.COLUMNS) {
      List<Picture> row =
          pictures.subList(from, Math.min(pictures.size(), from + ContactSheet.COLUMNS));
      strips.add(Strip.padded("", row, ContactSheet.COLUMNS));
    }
    return new Sheet(new Path(video.getString(1)).toUri().getPath(), facts(video, tracks), strips);
  }

  /** The stretches without a track, drawn as empty frames. */
  private static List<Moment> gaps(Row video, List<Track> tracks, double seconds) {
    List<Moment> gaps = new ArrayList<>();
    double start = start(tracks, seconds);
    double covered = start;
    for (Track track : tracks.stream().sorted(Comparator.comparingDouble(Track::from)).toList()) {
      addGap(video, covered, track.from(), gaps);
      covered = Math.max(covered, track.to());
    }
    addGap(video, covered, start + seconds, gaps);
    return gaps;
  }

  /**
   * The time at which the file's clock starts, in seconds: 0, unless a track lies beyond the
   * video's length. No table has it, so the frames before the first track are then counted back by
   * the mean frame period between there and the end of the last track.
   */
  private static double start(List<Track> tracks, double seconds) {
    double end = tracks.stream().mapToDouble(Track::to).max().orElse(0);
    if (end <= seconds) {
      return 0;
    }
    Track first = Collections.min(tracks, Comparator.comparingDouble(Track::from));
    Track last = Collections.max(tracks, Comparator.comparingDouble(Track::to));
    int frames = last.lastFrame() - first.firstFrame();
    double period = (last.to() - first.from()) / Math.max(1, frames);
    return Math.max(0, first.from() - first.firstFrame() * period);
  }

  private static void addGap(Row video, double from, double to, List<Moment> gaps) {
    if (to - from < SHORTEST_GAP || video.isNullAt(4)) {
      return;
    }
    int width = 160;
    int height = Math.max(1, width * video.getInt(5) / Math.max(1, video.getInt(4)));
    ByteBuffer grey = ByteBuffer.allocate(width * height * 3);
    Arrays.fill(grey.array(), (byte) 112);
    String caption = String.format(Locale.ROOT, "no face to %.1f s", to);
    gaps.add(new Moment(from, () -> Picture.jpeg(Drawing.jpeg(grey, height, width), caption)));
  }

  private static Moment pictured(Track track, Thumbnail thumbnail, List<Track> tracks) {
    long timestamp = track.timestamps().get(thumbnail.frame());
    List<float[]> boxes =
        tracks.stream()
            .filter(other -> Collections.binarySearch(other.timestamps(), timestamp) >= 0)
            .map(other -> other.box(Collections.binarySearch(other.timestamps(), timestamp)))
            .toList();
    String caption =
        String.format(Locale.ROOT, "%.1f s · shot %d", timestamp * SECONDS, track.shot());
    return new Moment(
        timestamp * SECONDS, () -> Picture.jpeg(Drawing.boxed(thumbnail, boxes), caption));
  }

  private static String facts(Row video, List<Track> tracks) {
    String person = video.getString(2);
    return String.format(
        Locale.ROOT,
        "%s · %.1f s · %d tracks in %d shots",
        person == null ? "unknown person" : person,
        video.isNullAt(3) ? 0 : video.getDouble(3),
        tracks.size(),
        tracks.stream().map(Track::shot).distinct().count());
  }

  /** The time of a picture, and how to draw it; of a long video most pictures are never drawn. */
  private record Moment(double second, Supplier<Picture> picture) {}

  /** What is needed to draw a track; boxes are {@code [frames,4]}. */
  private record Track(
      String videoId,
      int shot,
      int firstFrame,
      List<Long> timestamps,
      List<Float> boxes,
      List<Thumbnail> thumbnails) {

    static Track of(Row row) {
      List<Row> thumbnails = row.getList(row.fieldIndex("thumbnails"));
      return new Track(
          row.getAs("video_id"),
          row.<Integer>getAs("shot"),
          row.<Integer>getAs("first_frame"),
          row.getList(row.fieldIndex("timestamps")),
          row.getList(row.fieldIndex("boxes")),
          thumbnails.stream()
              .map(
                  picture ->
                      new Thumbnail(
                          picture.<Integer>getAs("frame"),
                          picture.getAs("jpeg"),
                          picture.<Double>getAs("scale")))
              .toList());
    }

    int lastFrame() {
      return firstFrame + timestamps.size() - 1;
    }

    double from() {
      return timestamps.get(0) * SECONDS;
    }

    double to() {
      return timestamps.get(timestamps.size() - 1) * SECONDS;
    }

    float[] box(int frame) {
      float[] box = new float[4];
      for (int i = 0; i < box.length; i++) {
        box[i] = boxes.get(4 * frame + i);
      }
      return box;
    }
  }
}
