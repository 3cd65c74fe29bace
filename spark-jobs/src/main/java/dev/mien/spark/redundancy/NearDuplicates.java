package dev.mien.spark.redundancy;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.row_number;

import com.google.gson.Gson;
import dev.mien.spark.dataset.DerivedTable;
import dev.mien.spark.dataset.FaceVideoDataset;
import io.delta.tables.DeltaTable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The groups of near-duplicates last found in a dataset: the Delta table {@code redundancy} beside
 * its tables, one row for each clip that is in a group, with the {@link RedundancyReport} in the
 * commit's metadata.
 *
 * @param groups the largest first
 */
public record NearDuplicates(RedundancyReport report, List<List<Member>> groups) {

  private static final String TABLE = "redundancy";

  /** The columns of the table. */
  public static final StructType COLUMNS =
      new StructType()
          .add("clip_id", DataTypes.StringType, false)
          .add("video_id", DataTypes.StringType, false)
          .add("person_id", DataTypes.StringType)
          .add("group", DataTypes.IntegerType, false) // the largest is 0
          .add("leader", DataTypes.BooleanType, false) // the one to keep
          .add("distance", DataTypes.IntegerType, false); // to the leader, bits

  public NearDuplicates {
    groups = List.copyOf(groups);
  }

  /** A clip of a group. */
  public record Member(String clipId, int distance) {}

  /**
   * Reads what was found last. Empty when nothing was looked for, or the dataset has changed since,
   * which is printed.
   *
   * @param groups how many of the largest groups to read at most
   * @param members how many clips of each group to read at most, by distance from its leader, which
   *     is first
   */
  public static Optional<NearDuplicates> read(
      SparkSession spark, FaceVideoDataset dataset, int groups, int members) {
    String path = path(dataset.uri());
    if (!DeltaTable.isDeltaTable(spark, path)) {
      return Optional.empty();
    }

    RedundancyReport report = report(spark, path);
    if (report.datasetVersion() != dataset.version().videos()) {
      System.err.printf(
          Locale.ROOT,
          "Left out the near-duplicates at %s: they are of version %d, the dataset is at %d (find"
              + " them anew with: mien redundancy --dataset %s)%n",
          path,
          report.datasetVersion(),
          dataset.version().videos(),
          dataset.uri());
      return Optional.empty();
    }

    Map<Integer, List<Member>> byGroup = new TreeMap<>();
    Column place =
        row_number()
            .over(
                Window.partitionBy("group")
                    .orderBy(col("leader").desc(), col("distance"), col("clip_id")));
    spark
        .read()
        .format("delta")
        .load(path)
        .where(col("group").lt(groups))
        .withColumn("place", place)
        .where(col("place").leq(members))
        .orderBy("group", "place")
        .select("group", "clip_id", "distance")
        .collectAsList()
        .forEach(
            row ->
                byGroup
                    .computeIfAbsent(row.getInt(0), group -> new ArrayList<>())
                    .add(new Member(row.getString(1), row.getInt(2))));
    return Optional.of(new NearDuplicates(report, List.copyOf(byGroup.values())));
  }

  /** Deletes the table, if there is one; the groups can be found again. */
  public static void delete(SparkSession spark, String datasetUri) throws IOException {
    new DerivedTable(spark, path(datasetUri)).delete();
  }

  static void write(
      SparkSession spark, String datasetUri, RedundancyReport report, List<Row> rows) {
    SlicedRows.of(spark, rows, COLUMNS)
        .repartition(1)
        .write()
        .format("delta")
        .option("userMetadata", new Gson().toJson(report))
        .save(path(datasetUri));
  }

  private static RedundancyReport report(SparkSession spark, String path) {
    String json = new DerivedTable(spark, path).said().findFirst().orElseThrow();
    return new Gson().fromJson(json, RedundancyReport.class);
  }

  static String path(String datasetUri) {
    return new Path(datasetUri, TABLE).toString();
  }
}
