package dev.mien.spark.dataset.clip;

import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.StringType;
import static org.apache.spark.sql.types.DataTypes.createArrayType;

import dev.mien.spark.dataset.FaceVideoDataset;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;

/**
 * The clips of one dataset version with the row groups they lie in, in the order of those: a pure
 * function of the version, so that what is drawn from it is one too. It lies in the driver's
 * memory, some two hundred bytes a clip.
 */
public record ClipIndex(List<ClipEntry> clips) {

  /** Whose clips come to the driver at once: Spark's rows take several times the memory. */
  private static final int FILES_AT_ONCE = 2000;

  private static final int MAXIMUM_TASKS = 1000;

  /** A row a row group, in the order of both. */
  private static final StructType ROW_GROUPS =
      new StructType()
          .add("file", StringType, false)
          .add("position", IntegerType, false)
          .add("clips", createArrayType(RowGroupReader.ENTRY, false), false);

  public ClipIndex {
    clips = List.copyOf(clips);
  }

  /**
   * Reads the light columns, no pixels, and each file once: not by way of Delta, which cannot say
   * where in a file a row lies. No row of a file is marked as deleted, see {@link
   * dev.mien.spark.dataset.Vacuum#PROPERTIES}.
   */
  public static ClipIndex read(SparkSession spark, FaceVideoDataset dataset) {
    List<String> files =
        Arrays.stream(dataset.clips().inputFiles())
            .map(file -> new Path(file).toUri().toString())
            .sorted()
            .toList();
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    Broadcast<SerializableConfiguration> hadoop =
        context.broadcast(new SerializableConfiguration(spark.sessionState().newHadoopConf()));

    List<ClipEntry> clips = new ArrayList<>();
    for (int from = 0; from < files.size(); from += FILES_AT_ONCE) {
      int to = Math.min(files.size(), from + FILES_AT_ONCE);
      context.setJobDescription(
          "Index files %d to %d of %d of clips".formatted(from + 1, to, files.size()));
      JavaRDD<Row> rowGroups =
          context
              .parallelize(files.subList(from, to), Math.min(to - from, MAXIMUM_TASKS))
              .flatMap(file -> rowGroups(hadoop.value().value(), file));
      add(spark.createDataFrame(rowGroups, ROW_GROUPS).collectAsList(), clips);
    }
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

  private static Iterator<Row> rowGroups(Configuration hadoop, String file) throws IOException {
    List<Row> rowGroups = new ArrayList<>();
    for (List<Row> clips : RowGroupReader.entries(hadoop, file)) {
      rowGroups.add(RowFactory.create(file, rowGroups.size(), clips.toArray()));
    }
    return rowGroups.iterator();
  }

  /** Adds clips, those of one row group, track, video or person with the same object for it. */
  private static void add(List<Row> rowGroups, List<ClipEntry> clips) {
    Map<String, String> shared = new HashMap<>();
    for (Row stored : rowGroups) {
      String file = shared(shared, stored.getString(0));
      RowGroup rowGroup = new RowGroup(file, stored.getInt(1));
      List<Row> entries = stored.getList(2);
      for (int row = 0; row < entries.size(); row++) {
        Row entry = entries.get(row);
        clips.add(
            new ClipEntry(
                entry.getString(0),
                shared(shared, entry.getString(1)),
                shared(shared, entry.getString(2)),
                shared(shared, entry.getString(3)),
                shared(shared, entry.getString(4)),
                entry.getInt(5),
                new ClipLocation(rowGroup, row)));
      }
    }
  }

  private static String shared(Map<String, String> shared, String value) {
    return value == null ? null : shared.computeIfAbsent(value, first -> first);
  }
}
