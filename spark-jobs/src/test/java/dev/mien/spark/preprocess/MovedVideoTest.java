package dev.mien.spark.preprocess;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.spark.LocalSpark;
import dev.mien.spark.TestVideos;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.FaceVideoDataset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** A video that was put into another person's folder. */
public class MovedVideoTest {

  private static final MienConfiguration TINY =
      MienConfiguration.load(Optional.of("tiny"), Optional.empty(), List.of());

  private SparkSession spark;
  private Path folder;

  @BeforeClass
  public void start() throws IOException {
    spark = LocalSpark.open(TINY);
    folder = Files.createTempDirectory("moved").toRealPath();
  }

  @AfterClass(alwaysRun = true)
  public void stop() {
    spark.stop();
  }

  @Test
  public void itShowsThePersonThatItLiesWithNow() throws Exception {
    Path wrong = folder.resolve("in/id00001/talk/00001.mp4");
    Path right = folder.resolve("in/id00002/talk/00001.mp4");
    Files.createDirectories(wrong.getParent());
    Files.createDirectories(right.getParent());
    TestVideos.copy(TestVideos.CAP12, wrong, "mp4", 20, 1);
    run();
    assertThat(people("clips")).containsExactly("id00001");
    long clips = dataset().clips().count();

    Files.copy(wrong, right);
    assertThat(run().outcomes())
        .as("while both are there")
        .containsExactly(Map.entry("rejected: same content as another", 1L));
    Files.delete(right);
    Files.move(wrong, right);
    PreprocessSummary summary = run();

    assertThat(summary.outcomes()).containsExactly(Map.entry("processed", 1L));
    assertThat(summary.moved()).isEqualTo(1);
    assertThat(dataset().clips().count()).isEqualTo(clips);
    assertThat(people("clips")).containsExactly("id00002");
    assertThat(people("tracks")).containsExactly("id00002");
    Row former = dataset().videos().where("uri like '%/id00001/%'").first();
    assertThat(former.<String>getAs("outcome")).isEqualTo("rejected");
    assertThat(former.<String>getAs("reason")).isEqualTo("same content as file:" + right);
    assertThat(run().unchanged()).isEqualTo(1);
  }

  private PreprocessSummary run() throws IOException {
    return new PreprocessJob(spark, TINY)
        .run(PreprocessInputs.of(folder.resolve("in").toUri().toString()), uri());
  }

  private FaceVideoDataset dataset() {
    return FaceVideoDataset.open(spark, uri());
  }

  private List<String> people(String table) {
    Dataset<Row> rows = table.equals("clips") ? dataset().clips() : dataset().tracks();
    return rows.select("person_id").distinct().as(Encoders.STRING()).collectAsList();
  }

  private String uri() {
    return folder.resolve("dataset").toUri().toString();
  }
}
