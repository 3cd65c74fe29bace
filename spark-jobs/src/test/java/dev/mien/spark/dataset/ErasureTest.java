package dev.mien.spark.dataset;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.testng.annotations.Test;

/** What an erasure leaves in the files of the tables, and which tables it refuses. */
public class ErasureTest extends DatasetFixture {

  @Test
  public void rowsLeaveTheirFilesWhateverASessionHasByDefault() throws IOException {
    String vectors = "spark.databricks.delta.properties.defaults.enableDeletionVectors";
    SessionSettings.with(
        spark, Map.of(vectors, "true"), () -> FaceVideoDataset.openOrCreate(spark, uri));
    FaceVideoDataset two = publish(FaceVideoDataset.open(spark, uri), "a", "b");

    FaceVideoDataset left =
        new Erasure(spark, two).run(ids(two.videos(), "uri").subList(0, 1), List.of("a"));

    assertThat(ids(left.clips(), "clip_id")).containsExactly("b-c");
    assertThat(ids(spark.read().parquet(left.clips().inputFiles()), "clip_id"))
        .as("in the files themselves")
        .containsExactly("b-c");
  }

  @Test
  public void whatIsHiddenInFilesStopsAnErasure() throws IOException {
    String table = uri + "other";
    spark
        .range(10)
        .coalesce(1)
        .write()
        .format("delta")
        .option("delta.enableDeletionVectors", "true")
        .save(table);
    spark.sql("DELETE FROM delta.`%s` WHERE id = 3".formatted(table));

    assertThatThrownBy(() -> Purge.rows(spark, table, col("id").equalTo(99)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("Cannot erase from " + table + ": deletion vectors hide rows");

    FaceVideoDataset dataset = first();
    Erasure erasure = new Erasure(spark, dataset);
    erasure.requirePossible();
    spark.sql(
        "ALTER TABLE delta.`%sclips` SET TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')"
            .formatted(uri));
    assertThatThrownBy(erasure::requirePossible)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Cannot erase from dataset " + uri)
        .hasMessageContaining("clips has deletion vectors");
  }
}
