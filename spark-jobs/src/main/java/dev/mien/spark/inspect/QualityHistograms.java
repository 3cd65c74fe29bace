package dev.mien.spark.inspect;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.floor;
import static org.apache.spark.sql.functions.isnan;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.map;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.when;

import dev.mien.spark.dataset.Tables;
import dev.mien.spark.inspect.Report.Histogram;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Counts the distribution of the clips' quality figures. */
final class QualityHistograms {

  private static final Map<String, String> UNITS =
      Map.of(
          "face_side", "pixels",
          "brightness", "of 255",
          "motion", "grey levels",
          "yaw", "degrees",
          "pitch", "degrees",
          "roll", "degrees");

  private QualityHistograms() {}

  /** One histogram for each figure, in the table's order; none when there are no clips. */
  static List<Histogram> read(Dataset<Row> clips) {
    Dataset<Row> figures = named(clips, (name, value) -> value);
    Map<String, Bins> bins = new TreeMap<>();
    figures
        .where(not(isnan(col("value"))))
        .groupBy("name")
        .agg(min("value"), max("value"))
        .collectAsList()
        .forEach(row -> bins.put(row.getString(0), Bins.of(row.getFloat(1), row.getFloat(2))));
    if (bins.isEmpty()) {
      return List.of();
    }

    Map<String, long[]> counts = new TreeMap<>();
    bins.forEach((name, range) -> counts.put(name, new long[range.count()]));
    named(clips, (name, value) -> bin(bins.get(name), value))
        .where(col("value").isNotNull())
        .groupBy("name", "value")
        .count()
        .collectAsList()
        .forEach(row -> counts.get(row.getString(0))[row.getInt(1)] += row.getLong(2));

    List<Histogram> histograms = new ArrayList<>();
    for (String name : Tables.QUALITY.fieldNames()) {
      if (bins.containsKey(name)) {
        Bins range = bins.get(name);
        histograms.add(
            new Histogram(
                name.replace('_', ' '),
                UNITS.getOrDefault(name, ""),
                range.low(),
                range.width(),
                Arrays.stream(counts.get(name)).boxed().toList()));
      }
    }
    return histograms;
  }

  private interface Expression {
    Column of(String name, Column value);
  }

  /** One row for each figure of each clip: its name, and an expression of its value. */
  private static Dataset<Row> named(Dataset<Row> clips, Expression expression) {
    Column[] entries =
        Arrays.stream(Tables.QUALITY.fieldNames())
            .flatMap(name -> Stream.of(lit(name), expression.of(name, col("quality." + name))))
            .toArray(Column[]::new);
    return clips.select(explode(map(entries))).toDF("name", "value");
  }

  /** The index of the bin that a value lies in; null for NaN. */
  private static Column bin(Bins bins, Column value) {
    if (bins == null) {
      return lit(null).cast("int");
    }

    // Computed exactly as Bins does, to the last bit, so that no value falls outside the bins.
    Column bin = floor(value.cast("double").divide(lit(bins.width()))).minus(lit(bins.first()));
    return when(not(isnan(value)), bin.cast("int"));
  }
}
