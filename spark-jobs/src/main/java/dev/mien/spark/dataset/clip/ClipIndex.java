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
 * The clips of one dataset version and where they lie, in the order of row groups. It is a pure
 * function of the version, so that samples drawn from it are, too. It takes some two hundred bytes
 * per clip of the driver's memory.
 */
public record ClipIndex(List<ClipEntry> clips) {

  /**
   * Files whose clips are sent to the driver at once: as Spark's rows they take several times the
   * memory.
   */
  private static final int FILES_AT_ONCE = 2000;

  private static final int MAXIMUM_TASKS = 1000;

  /** One row per row group, with its clips in the order of its rows. */
  private static final StructType ROW_GROUPS =
      new StructType()
          .add("file", StringType, false)
          .add("position", IntegerType, false)
          .add("clips", createArrayType(RowGroupReader.ENTRY, false), false);

  public ClipIndex {
    clips = List.copyOf(clips);
  }

  /**
   * Reads each file once, the light columns and no pixels. It does not read through Delta, which
   * cannot tell where in a file a row lies. No row of a file is marked as deleted, see {@link
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
   * An index of these clips alone.
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

  /** Adds clips, sharing one object among those of the same row group, track, video or person. */
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
