package dev.mien.spark.dataset;

import static org.apache.spark.sql.functions.col;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;
import scala.Tuple2;

/**
 * The clips of one dataset version with the row groups they lie in, in the order of those: a pure
 * function of the version, so that what is drawn from it is one too.
 */
public record ClipIndex(List<ClipEntry> clips) {

  private static final int MAXIMUM_TASKS = 1000;

  public ClipIndex {
    clips = List.copyOf(clips);
  }

  /** Reads the light columns, no pixels. */
  public static ClipIndex read(SparkSession spark, FaceVideoDataset dataset) {
    List<Row> rows =
        dataset
            .clips()
            .select(
                col("clip_id"),
                col("track_id"),
                col("video_id"),
                col("person_id"),
                col("split"),
                col("frames"),
                col("_metadata.file_path"))
            .collectAsList();
    List<String> files = rows.stream().map(row -> row.getString(6)).distinct().sorted().toList();
    Map<String, ClipLocation> locations = locate(spark, files);

    List<ClipEntry> clips = new ArrayList<>(rows.size());
    for (Row row : rows) {
      clips.add(
          new ClipEntry(
              row.getString(0),
              row.getString(1),
              row.getString(2),
              row.getString(3),
              row.getString(4),
              row.getInt(5),
              locations.get(row.getString(0))));
    }

    clips.sort(
        Comparator.comparing((ClipEntry clip) -> clip.location().rowGroup())
            .thenComparing(clip -> clip.location().row()));
    return new ClipIndex(clips);
  }

  /**
   * The clips of these ids alone.
   *
   * @throws IllegalArgumentException when one of them is not in the index
   */
  public ClipIndex only(Collection<String> clipIds) {
    Set<String> wanted = new HashSet<>(clipIds);
    List<ClipEntry> found = clips.stream().filter(clip -> wanted.contains(clip.clipId())).toList();
    if (found.size() < wanted.size()) {
      throw new IllegalArgumentException(
          "%d of %d chosen clips are not in this version of the dataset (choose anew)"
              .formatted(wanted.size() - found.size(), wanted.size()));
    }
    return new ClipIndex(found);
  }

  /** Where each clip lies, by its id. */
  private static Map<String, ClipLocation> locate(SparkSession spark, List<String> files) {
    if (files.isEmpty()) {
      return Map.of();
    }

    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    Broadcast<SerializableConfiguration> hadoop =
        context.broadcast(new SerializableConfiguration(spark.sessionState().newHadoopConf()));
    Map<String, ClipLocation> locations = new HashMap<>();
    context.setJobDescription("Index " + files.size() + " files of clips");
    context
        .parallelize(files, Math.min(files.size(), MAXIMUM_TASKS))
        .flatMapToPair(file -> locations(hadoop.value().value(), file))
        .collect()
        .forEach(located -> locations.put(located._1(), located._2()));
    return locations;
  }

  private static Iterator<Tuple2<String, ClipLocation>> locations(Configuration hadoop, String file)
      throws IOException {
    List<Tuple2<String, ClipLocation>> locations = new ArrayList<>();
    List<List<String>> rowGroups = RowGroupReader.clipIds(hadoop, file);
    for (int rowGroup = 0; rowGroup < rowGroups.size(); rowGroup++) {
      List<String> clipIds = rowGroups.get(rowGroup);
      for (int row = 0; row < clipIds.size(); row++) {
        locations.add(
            new Tuple2<>(clipIds.get(row), new ClipLocation(new RowGroup(file, rowGroup), row)));
      }
    }
    return locations.iterator();
  }
}
