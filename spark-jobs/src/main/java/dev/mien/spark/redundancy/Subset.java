package dev.mien.spark.redundancy;

import com.google.gson.Gson;
import dev.mien.spark.dataset.DerivedTable;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.clip.ClipEntry;
import dev.mien.spark.dataset.clip.ClipIndex;
import io.delta.tables.DeltaTable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Chosen clips under a name: the Delta table {@code subsets/<name>} beside a dataset's tables, one
 * row per clip, with this record in the commit's metadata. A subset is never rewritten, so that its
 * name in a run's settings says what the run was trained on; only an erasure removes rows.
 *
 * @param datasetVersion of the {@code videos} table that it was chosen from
 * @param clips how many were chosen
 * @param of how many clips the version has
 * @param people shown by the chosen clips
 * @param videos shown by the chosen clips
 * @param code version of Mien that chose
 */
public record Subset(
    String name,
    long datasetVersion,
    SubsetOptions options,
    long clips,
    long of,
    long people,
    long videos,
    String code) {

  private static final String FOLDER = "subsets";

  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9.-]{0,63}");

  public static final StructType COLUMNS =
      new StructType()
          .add("clip_id", DataTypes.StringType, false)
          .add("video_id", DataTypes.StringType, false)
          .add("person_id", DataTypes.StringType)
          .add("position", DataTypes.IntegerType, false); // in order of choice, from 0

  /**
   * The index of a subset's clips, or of the whole dataset when the name is empty.
   *
   * @throws IllegalArgumentException when the dataset has no subset of that name, or lacks clips of
   *     it
   */
  public static ClipIndex index(SparkSession spark, FaceVideoDataset dataset, String name) {
    ClipIndex all = ClipIndex.read(spark, dataset);
    return name.isEmpty() ? all : all.only(clipIds(spark, dataset.uri(), name));
  }

  /**
   * The clips of a subset that a version of the dataset still has, or all its clips when the name
   * is empty: videos may have changed since the choice.
   *
   * @throws IllegalArgumentException when the dataset has no subset of that name
   */
  public static List<ClipEntry> remaining(
      SparkSession spark, FaceVideoDataset dataset, String name) {
    List<ClipEntry> all = ClipIndex.read(spark, dataset).clips();
    if (name.isEmpty()) {
      return all;
    }
    Set<String> chosen = new HashSet<>(clipIds(spark, dataset.uri(), name));
    return all.stream().filter(clip -> chosen.contains(clip.clipId())).toList();
  }

  /**
   * The ids of a subset's clips.
   *
   * @throws IllegalArgumentException when the dataset has no subset of that name
   */
  public static List<String> clipIds(SparkSession spark, String datasetUri, String name) {
    String path = path(datasetUri, name);
    if (!DeltaTable.isDeltaTable(spark, path)) {
      throw new IllegalArgumentException(
          "Dataset %s has no subset %s (make one with: mien select --dataset %s --subset %s)"
              .formatted(datasetUri, name, datasetUri, name));
    }

    return spark
        .read()
        .format("delta")
        .load(path)
        .select("clip_id")
        .as(Encoders.STRING())
        .collectAsList();
  }

  /** URIs of the Delta tables of a dataset's subsets. */
  public static List<String> paths(SparkSession spark, String datasetUri) throws IOException {
    return folders(spark, datasetUri).stream()
        .filter(path -> DeltaTable.isDeltaTable(spark, path))
        .toList();
  }

  /** Deletes subsets that killed runs have not committed. */
  public static void deleteUnfinished(SparkSession spark, String datasetUri) throws IOException {
    for (String path : folders(spark, datasetUri)) {
      if (!DeltaTable.isDeltaTable(spark, path)) {
        new DerivedTable(spark, path).delete();
      }
    }
  }

  private static List<String> folders(SparkSession spark, String datasetUri) throws IOException {
    Path folder = new Path(datasetUri, FOLDER);
    FileSystem files = folder.getFileSystem(spark.sessionState().newHadoopConf());
    return files.exists(folder)
        ? Stream.of(files.listStatus(folder))
            .filter(FileStatus::isDirectory)
            .map(file -> file.getPath().toString())
            .toList()
        : List.of();
  }

  /**
   * Checks that a name is valid and free.
   *
   * @throws IllegalArgumentException saying what is wrong
   */
  static void checkFree(SparkSession spark, String datasetUri, String name) {
    if (DeltaTable.isDeltaTable(spark, path(datasetUri, name))) {
      throw new IllegalArgumentException(
          "Dataset %s has a subset %s, which stays as it is (give the new one another --subset)"
              .formatted(datasetUri, name));
    }
  }

  void write(SparkSession spark, String datasetUri, List<RankedClip> chosen) {
    List<Row> rows = new ArrayList<>(chosen.size());
    for (RankedClip clip : chosen) {
      rows.add(RowFactory.create(clip.clipId(), clip.videoId(), clip.personId(), rows.size()));
    }
    SlicedRows.of(spark, rows, COLUMNS)
        .repartition(1)
        .write()
        .format("delta")
        .mode("errorifexists")
        .option("userMetadata", new Gson().toJson(this))
        .save(path(datasetUri, name));
  }

  /** The subset in a few words for a person. */
  public String text() {
    return String.format(
        Locale.ROOT,
        "Subset %s: %,d of %,d clips (%.1f %%), of %,d people and %,d videos",
        name,
        clips,
        of,
        of == 0 ? 0.0 : 100.0 * clips / of,
        people,
        videos);
  }

  static String path(String datasetUri, String name) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "Invalid subset name: "
              + name
              + " (must be lower-case letters, digits, dots and dashes, 64 at most)");
    }
    return new Path(new Path(datasetUri, FOLDER), name).toString();
  }
}
