package dev.mien.spark.forget;

import static dev.mien.spark.forget.ErasableDataset.GONE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.spark.LethalFileSystem;
import dev.mien.spark.MienProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** An erasure by a process of its own that dies; a few minutes, and not in {@code verify}. */
public class KilledErasureCheck {

  private SparkSession spark;
  private ErasableDataset data;

  @BeforeClass
  public void fill() throws IOException {
    spark = ErasableDataset.session();
    data = ErasableDataset.fill(spark);
  }

  @AfterClass(alwaysRun = true)
  public void stop() throws IOException {
    data.close();
    spark.stop();
  }

  @Test
  public void anErasureKilledInItsVacuumIsFinishedByAnother() throws Exception {
    List<String> others = data.others();
    Map<String, String> settings = new HashMap<>(LethalFileSystem.after("clips/part-.*"));
    settings.put("spark.sql.parquet.compression.codec", "uncompressed");
    List<String> command = List.of("forget", "--person", GONE, "--dataset", data.uri());

    MienProcess killed = MienProcess.start(data.folder().resolve("log"), settings, command);
    assertThat(killed.exit()).as(killed.said()).isEqualTo(MienProcess.KILLED);
    Files.delete(data.folder().resolve("log"));
    assertThat(data.others()).as("what others have, between").isEqualTo(others);
    assertThat(data.traces()).as("left").isNotEmpty();

    ForgetReport report = data.job().run(new Subject.Person(GONE));
    assertThat(data.traces()).isEmpty();
    assertThat(data.others()).isEqualTo(others);
    assertThat(report.stores().get(1).rows()).as("embeddings, not named before").isEqualTo(4);
  }
}
