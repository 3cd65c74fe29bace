package dev.mien.spark.dataset;

import static org.apache.spark.sql.functions.col;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;
import scala.Tuple2;

/**
 * The clips of one dataset version with the row groups they lie in, in the order of those: a pure
 * function of the version, so that what is drawn from it is one too.
 */
public record ClipIndex(List<ClipEntry> clips) {

  public ClipIndex {
    clips = List.copyOf(clips);
  }

  /** Reads the light columns and the footers, no pixels. */
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
                col("_metadata.file_path"),
                col("_metadata.row_index"))
            .collectAsList();
    List<String> files = rows.stream().map(row -> row.getString(6)).distinct().sorted().toList();
    Map<String, long[]> firstRows = firstRows(spark, files);

    List<ClipEntry> clips = new ArrayList<>(rows.size());
    for (Row row : rows) {
      ClipLocation location = locate(row.getString(6), row.getLong(7), firstRows);
      clips.add(
          new ClipEntry(
              row.getString(0),
              row.getString(1),
              row.getString(2),
              row.getString(3),
              row.getString(4),
              row.getInt(5),
              location));
    }

    clips.sort(
        Comparator.comparing((ClipEntry clip) -> clip.location().rowGroup())
            .thenComparing(clip -> clip.location().row()));
    return new ClipIndex(clips);
  }

  private static ClipLocation locate(String file, long row, Map<String, long[]> firstRows) {
    long[] first = firstRows.get(file);
    int rowGroup = first.length - 1;
    while (first[rowGroup] > row) {
      rowGroup--;
    }
    return new ClipLocation(new RowGroup(file, rowGroup), Math.toIntExact(row - first[rowGroup]));
  }

  /** The first row of each row group, by file. */
  private static Map<String, long[]> firstRows(SparkSession spark, List<String> files) {
    if (files.isEmpty()) {
      return Map.of();
    }

    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    SerializableConfiguration hadoop =
        new SerializableConfiguration(spark.sessionState().newHadoopConf());
    List<Tuple2<String, long[]>> footers =
        context
            .parallelize(files, Math.min(files.size(), 256))
            .map(file -> new Tuple2<>(file, firstRows(hadoop.value(), file)))
            .collect();

    Map<String, long[]> byFile = new HashMap<>();
    footers.forEach(footer -> byFile.put(footer._1(), footer._2()));
    return byFile;
  }

  private static long[] firstRows(Configuration hadoop, String file) throws IOException {
    try (ParquetFileReader reader =
        ParquetFileReader.open(HadoopInputFile.fromPath(RowGroupReader.path(file), hadoop))) {
      List<BlockMetaData> blocks = reader.getFooter().getBlocks();
      long[] first = new long[blocks.size()];
      for (int i = 1; i < first.length; i++) {
        first[i] = first[i - 1] + blocks.get(i - 1).getRowCount();
      }
      return first;
    }
  }
}
