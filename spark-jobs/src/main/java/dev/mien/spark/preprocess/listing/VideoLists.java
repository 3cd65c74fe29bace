package dev.mien.spark.preprocess.listing;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.monotonically_increasing_id;

import dev.mien.spark.storage.Globs;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.util.SerializableConfiguration;
import scala.Tuple3;

/**
 * Reads lists of videos: CSV with a header, or Parquet, with a column {@code uri} and perhaps
 * {@code person_id} and {@code split}, which go before what the path says.
 *
 * <p>A uri names one file: whole ({@code s3a://vox/a.mp4}, {@code /data/a.mp4}) as it stands, or
 * relative to the folder of its list, which it may not leave. Nothing else is read: no folder, no
 * glob. A row that names no such file is a video with that outcome, unless the dataset has read it
 * before.
 */
final class VideoLists {

  /** Why a row names no file, and the reason of its video. */
  static final String INVALID = "invalid uri";

  static final String MISSING = "missing file";

  static final String NOT_A_FILE = "not a file";
  static final String OUTSIDE = "outside the folder of its list";

  private static final List<String> COLUMNS = List.of("uri", "person_id", "split");

  /** Rows that a task looks up, few enough that its requests take seconds. */
  private static final int ROWS_IN_TASK = 2000;

  private VideoLists() {}

  /**
   * Reads the videos of a list. Of rows of the same URI, however written, the first that names a
   * file counts, or the first of all when none does; labels are taken from every row. Rows of a
   * list of several files, as Spark writes Parquet, come in the order of the files' names.
   *
   * @param list see {@link ListFiles}
   * @throws IllegalArgumentException when the list has no column of URIs
   */
  static List<VideoSource> read(SparkSession spark, String list) throws IOException {
    Configuration configuration = spark.sessionState().newHadoopConf();
    ListFiles lists = ListFiles.find(configuration, list);
    Set<String> others = new TreeSet<>();
    List<Dataset<Row>> entriesByFolder = new ArrayList<>();
    lists
        .byFolder()
        .forEach(
            (folder, files) -> {
              Dataset<Row> rows = table(spark, lists.format(), files);
              others.addAll(List.of(rows.columns()));
              entriesByFolder.add(entries(list, rows, folder));
            });
    others.removeAll(COLUMNS);
    if (!others.isEmpty()) {
      System.out.println(
          "List %s: not looked at: %s (known are %s)"
              .formatted(list, String.join(", ", others), String.join(", ", COLUMNS)));
    }
    Dataset<Row> entries = entriesByFolder.stream().reduce(Dataset::union).orElseThrow();

    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    Resolver resolver =
        new Resolver(context.broadcast(new SerializableConfiguration(configuration)));
    context.setJobDescription("Look for the videos of " + list);
    long count = entries.count();
    Map<String, VideoSource> videos = new LinkedHashMap<>();
    entries
        .repartition(Math.toIntExact(count / ROWS_IN_TASK + 1), col("uri"))
        .javaRDD()
        .map(row -> new Tuple3<>(row.getString(3), row.getLong(4), resolver.find(row)))
        .collect()
        .stream()
        .sorted(
            Comparator.comparing(Tuple3<String, Long, VideoSource>::_1).thenComparing(Tuple3::_2))
        .map(Tuple3::_3)
        .forEach(video -> videos.merge(video.uri(), video, VideoSource::or));
    return List.copyOf(videos.values());
  }

  private static Dataset<Row> table(SparkSession spark, ListFiles.Format format, List<Path> lists) {
    String[] paths = lists.stream().map(Globs::only).toArray(String[]::new); // Spark takes globs
    return switch (format) {
      // Files whose columns are not those of the first would be read as if they were.
      case CSV ->
          spark
              .read()
              .option("header", true)
              .option("enforceSchema", false)
              .option("ignoreLeadingWhiteSpace", true)
              .option("ignoreTrailingWhiteSpace", true)
              .csv(paths);
      case PARQUET -> spark.read().parquet(paths);
    };
  }

  /**
   * The rows as URI, person, split, the file of the row, its place there, and the folder that a
   * relative URI starts from.
   */
  private static Dataset<Row> entries(String list, Dataset<Row> rows, Path folder) {
    if (!Arrays.asList(rows.columns()).contains("uri")) {
      throw new IllegalArgumentException(
          "List %s has no column uri (there are %s)"
              .formatted(list, String.join(", ", rows.columns())));
    }
    return rows.select(
            col("uri"),
            optional(rows, "person_id"),
            optional(rows, "split"),
            col("_metadata.file_path"),
            monotonically_increasing_id(), // grows with the rows of a file
            lit(folder.toString()))
        .where(col("uri").isNotNull());
  }

  private static Column optional(Dataset<Row> rows, String name) {
    return Arrays.asList(rows.columns()).contains(name)
        ? col(name).cast(DataTypes.StringType)
        : lit(null).cast(DataTypes.StringType).as(name);
  }

  /** Looks for the file that a row names. */
  private record Resolver(Broadcast<SerializableConfiguration> hadoop) implements Serializable {

    VideoSource find(Row row) {
      String folder = row.getString(5);
      String named = row.getString(0).strip();
      try {
        return isWhole(named)
            ? find(new Path(named), row)
            : within(folder, new Path(folder + "/" + named), row);
      } catch (IllegalArgumentException e) {
        return VideoSource.absent(named, labels(row), INVALID + ": " + e.getMessage());
      }
    }

    private VideoSource within(String folder, Path path, Row row) {
      // Hadoop resolves the dots of a path when it parses it.
      return path.toString().startsWith(folder + "/")
          ? find(path, row)
          : VideoSource.absent(path.toString(), labels(row), OUTSIDE);
    }

    private static VideoLabels labels(Row row) {
      String split = said(row.getString(2));
      return VideoLabels.said(
          said(row.getString(1)), split == null ? null : split.toLowerCase(Locale.ROOT));
    }

    /** What a cell says, or null. */
    private static String said(String cell) {
      return cell == null || cell.isBlank() ? null : cell.strip();
    }

    private VideoSource find(Path found, Row row) {
      Path path = found;
      VideoLabels labels = labels(row);
      try {
        FileSystem files = path.getFileSystem(hadoop.value().value());
        path = files.makeQualified(path);
        FileStatus file = files.getFileStatus(path);
        return file.isFile()
            ? new VideoSource(path.toString(), file.getLen(), file.getModificationTime(), labels)
            : VideoSource.absent(path.toString(), labels, NOT_A_FILE);
      } catch (FileNotFoundException e) {
        return VideoSource.absent(path.toString(), labels, MISSING);
      } catch (IllegalArgumentException e) {
        throw e; // of the row
      } catch (IOException | RuntimeException e) { // the latter as of a client that is not there
        return VideoSource.absent(path.toString(), labels, "cannot be reached: " + e.getMessage());
      }
    }

    private static boolean isWhole(String named) {
      return named.startsWith("/") || named.contains("://") || named.startsWith("file:");
    }
  }
}
