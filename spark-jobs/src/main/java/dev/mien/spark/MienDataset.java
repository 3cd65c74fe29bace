package dev.mien.spark;

import static java.util.stream.Collectors.joining;
import static org.apache.spark.sql.functions.call_function;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.struct;

import dev.mien.preprocessing.picture.ContactSheet;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.DatasetVersion;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.clip.ChosenClips;
import dev.mien.spark.session.SparkSessions;
import dev.mien.spark.sql.MienFunctions;
import dev.mien.spark.sql.SheetFunction;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import scala.Option;

/**
 * A dataset for programs in Java and Scala to read:
 *
 * <pre>{@code
 * MienDataset dataset = MienDataset.open("hdfs:///mien/vox");
 * Dataset<Row> blurred = dataset.clips().orderBy("quality.sharpness").limit(10);
 * List<String> ids = blurred.select("clip_id").as(Encoders.STRING()).collectAsList();
 * Dataset<Row> clips = dataset.clips(ids).orderBy("quality.sharpness");
 * Files.write(Path.of("blurred.png"), dataset.contactSheet(clips));
 * }</pre>
 *
 * <p>Its content never changes: it is the version that was the newest when it was opened. The
 * columns of the tables are described in {@code spark-jobs/SCHEMA.md}.
 */
public final class MienDataset {

  private final FaceVideoDataset dataset;

  private MienDataset(FaceVideoDataset dataset) {
    this.dataset = dataset;
  }

  /**
   * Opens the newest version of a dataset in this program's Spark session. If there is no session,
   * one is created by the settings of {@code spark-submit} or of the system properties.
   *
   * @param uri as given to {@code mien preprocess --dataset}
   * @throws IllegalArgumentException when there is no dataset at the URI
   */
  public static MienDataset open(String uri) {
    return open(session(), uri);
  }

  /**
   * Opens the newest version of a dataset in the caller's session, which must know Delta: {@code
   * spark.sql.extensions=io.delta.sql.DeltaSparkSessionExtension} and {@code
   * spark.sql.catalog.spark_catalog=org.apache.spark.sql.delta.catalog.DeltaCatalog}.
   */
  public static MienDataset open(SparkSession spark, String uri) {
    MienFunctions.register(spark);
    return new MienDataset(FaceVideoDataset.open(spark, uri));
  }

  public String uri() {
    return dataset.uri();
  }

  public DatasetVersion version() {
    return dataset.version();
  }

  /** The videos, one row per source video, with its outcome. */
  public Dataset<Row> videos() {
    return dataset.videos();
  }

  /** The tracks, one row per face and shot. */
  public Dataset<Row> tracks() {
    return dataset.tracks();
  }

  /**
   * The clips, one row per stored clip. Frames are nearly all of a dataset, and ordering or
   * filtering whole rows reads those of every clip: choose {@code clip_id} by the other columns,
   * and then read {@link #clips(Collection)}.
   */
  public Dataset<Row> clips() {
    return dataset.clips();
  }

  /**
   * The clips with these ids, in no particular order. The ids are looked up at once, and only the
   * shards that hold the clips are read.
   *
   * @param clipIds ids without a clip give no row
   */
  public Dataset<Row> clips(Collection<String> clipIds) {
    return ChosenClips.read(dataset, clipIds);
  }

  /** The middle frames of clips on one sheet, in the order of the rows, as a PNG. */
  public byte[] contactSheet(Dataset<Row> clips) {
    return contactSheet(clips, lit(null).cast("string"));
  }

  /**
   * The middle frames of clips on one sheet with captions, in the order of the rows, as a PNG.
   *
   * @param clips rows of {@link #clips()}, at most 1024
   * @param caption a string column
   * @throws IllegalArgumentException when there are no clips
   */
  public byte[] contactSheet(Dataset<Row> clips, Column caption) {
    // A column of its own, so that captions may be computed from any of the clips' columns.
    Dataset<Row> captioned = clips.withColumn("mien_caption", caption);
    // Only one frame of each is drawn; one clip more than allowed is enough to refuse them.
    Dataset<Row> drawn =
        captioned
            .withColumn("images", expr("array(images[shiftright(size(images), 1)])"))
            .limit(SheetFunction.MOST + 1);
    Column drawing =
        call_function(
            "mien_contact_sheet", struct(col("*")), lit(ContactSheet.COLUMNS), col("mien_caption"));
    byte[] sheet = drawn.agg(drawing).first().getAs(0);
    if (sheet == null) {
      throw new IllegalArgumentException("Invalid clips: there are none (must be at least one)");
    }
    return sheet;
  }

  /** Eight frames of a clip, as a PNG. */
  public byte[] frames(String clipId) {
    return draw(clipId, "mien_frames");
  }

  /**
   * Eight frames of a clip under its region map, a mask, or both, as a PNG.
   *
   * @param overlay {@code regions}, {@code fasking}, {@code tube}, {@code regions+fasking}, …
   * @throws IllegalArgumentException when the clip is too short for a mask
   */
  public byte[] overlay(String clipId, String overlay) {
    return draw(clipId, "mien_overlay", overlay);
  }

  /** All frames of a clip at its own rate, as an animated GIF. */
  public byte[] animation(String clipId) {
    return draw(clipId, "mien_animation");
  }

  /**
   * A clip, what a network sees of it, and the network's reconstruction, as a PNG.
   *
   * @param checkpoint folder of a checkpoint, or of a run for its newest one
   * @throws IllegalArgumentException when the clip is too short for the network
   */
  public byte[] reconstruction(String clipId, String checkpoint) {
    return draw(clipId, "mien_reconstruction", checkpoint);
  }

  /** Calls an SQL function that draws a clip. */
  private byte[] draw(String clipId, String function, String... arguments) {
    Column[] columns =
        Stream.concat(Stream.of(struct(col("*"))), Stream.of(arguments).map(functions::lit))
            .toArray(Column[]::new);
    List<Row> pictures =
        clips(List.of(clipId)).select(call_function(function, columns)).collectAsList();
    if (pictures.isEmpty()) {
      throw new IllegalArgumentException(
          "No clip %s in %s, version %s".formatted(clipId, uri(), version()));
    }
    byte[] picture = pictures.get(0).getAs(0);
    if (picture == null) {
      throw new IllegalArgumentException(
          "Clip %s is too short for %s(struct(*)%s)"
              .formatted(
                  clipId,
                  function,
                  Stream.of(arguments).map(", '%s'"::formatted).collect(joining())));
    }
    return picture;
  }

  private static SparkSession session() {
    Option<SparkSession> session =
        SparkSession.getActiveSession().orElse(SparkSession::getDefaultSession);
    return session.isDefined()
        ? session.get()
        : SparkSessions.open(
            "dataset", MienConfiguration.load(Optional.empty(), Optional.empty(), List.of()));
  }
}
