package dev.mien.spark.inspect;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.floor;
import static org.apache.spark.sql.functions.isnan;
import static org.apache.spark.sql.functions.least;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.map;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.when;

import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.Tables;
import dev.mien.spark.inspect.Report.Histogram;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** How the clips' quality figures are distributed. */
final class QualityHistograms {

  private static final int BINS = 32;

  private static final Map<String, String> UNITS =
      Map.of(
          "face_side", "pixels",
          "brightness", "of 255",
          "motion", "grey levels",
          "yaw", "degrees",
          "pitch", "degrees",
          "roll", "degrees");

  private QualityHistograms() {}

  /** One for each figure, in the table's order; none when there are no clips. */
  static List<Histogram> read(FaceVideoDataset dataset) {
    Dataset<Row> figures =
        dataset
            .clips()
            .select(
                explode(
                    map(
                        Arrays.stream(Tables.QUALITY.fieldNames())
                            .flatMap(
                                name -> Arrays.asList(lit(name), col("quality." + name)).stream())
                            .toArray(Column[]::new))))
            .toDF("name", "value")
            .where(isnan(col("value")).unary_$bang());
    Dataset<Row> ranges =
        figures.groupBy("name").agg(min("value").as("low"), max("value").as("high"));
    Column bin =
        when(col("high").equalTo(col("low")), lit(0))
            .otherwise(
                least(
                    lit(BINS - 1),
                    floor(
                        col("value")
                            .minus(col("low"))
                            .divide(col("high").minus(col("low")))
                            .multiply(BINS))))
            .cast("int");
    List<Row> rows =
        figures
            .join(ranges, "name")
            .groupBy(col("name"), col("low"), col("high"), bin.as("bin"))
            .count()
            .collectAsList();

    Map<String, Histogram> byName = new HashMap<>();
    for (Row row : rows) {
      String name = row.getString(0);
      byName
          .computeIfAbsent(name, n -> empty(n, row.getFloat(1), row.getFloat(2)))
          .counts()
          .set(row.getInt(3), row.getLong(4));
    }
    return Arrays.stream(Tables.QUALITY.fieldNames())
        .filter(byName::containsKey)
        .map(byName::get)
        .toList();
  }

  private static Histogram empty(String name, double low, double high) {
    return new Histogram(
        name.replace('_', ' '),
        UNITS.getOrDefault(name, ""),
        low,
        high,
        new ArrayList<>(Collections.nCopies(BINS, 0L)));
  }
}
