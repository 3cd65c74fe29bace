package dev.mien.spark.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import dev.mien.model.parameters.ParameterLayout;
import dev.mien.model.parameters.ParameterLayout.Parameter;
import dev.mien.spark.run.Manifest.StoredFile;
import dev.mien.spark.run.Snapshot.Values;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

public class ReplicaFileTest {

  private static final ParameterLayout LAYOUT =
      new ParameterLayout(List.of(new Parameter("weight", List.of(2))));
  private static final Values KEPT = (from, count) -> new float[] {3, 4};

  private final Configuration hadoop = new Configuration();
  private Path folder;

  @BeforeMethod
  public void makeFolder() throws IOException {
    folder = Files.createTempDirectory("round");
  }

  @Test
  public void anAttemptThatDiesLateLeavesTheFileOfTheOneThatCounts() throws IOException {
    Map<String, StoredFile> kept = write("7", KEPT);

    assertThatThrownBy(
            () ->
                write(
                    "8",
                    (from, count) -> {
                      throw new IllegalStateException("killed");
                    }))
        .hasMessage("killed");

    assertThat(read(kept)).containsExactly(3, 4);
  }

  private Map<String, StoredFile> write(String attempt, Values values) throws IOException {
    return ReplicaFile.write(
        hadoop,
        folder.toString(),
        3,
        attempt,
        LAYOUT,
        Map.of("residual", values, "second_moment", values));
  }

  private float[] read(Map<String, StoredFile> kept) throws IOException {
    float[] residual = new float[2];
    Set<String> found =
        ReplicaFile.read(
            hadoop,
            folder.toString(),
            3,
            kept,
            LAYOUT,
            Map.of(
                "residual",
                (from, values) -> System.arraycopy(values, 0, residual, from, values.length),
                "first_moment",
                (from, values) -> fail("kept no moment")));
    assertThat(found).containsExactly("residual");
    return residual;
  }
}
