package dev.mien.spark.run;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mien.spark.LostMountFileSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.Test;

/** A run on a mount whose server is gone, of which Hadoop speaks in Errors. */
public class UnreadableRunTest extends CheckpointsFixture {

  @AfterMethod
  public void find() {
    LostMountFileSystem.lose(path -> false);
  }

  @Test
  public void aCheckpointThatCannotBeReadIsNamed() throws IOException {
    Checkpoints lost = new Checkpoints(hadoop, lost());
    lost.write(manifest(1), initial(1));

    for (String file : List.of("model.safetensors", "manifest.json")) {
      LostMountFileSystem.lose(path -> path.getName().equals(file));
      assertThatThrownBy(() -> lost.newest(manifest -> {}, message -> {}))
          .isInstanceOf(IOException.class)
          .hasMessageContainingAll(
              "Cannot read checkpoint ",
              "round-00000001/" + file + ": Input/output error (try again once it can be read");
    }
  }

  @Test
  public void metricsThatCannotBeReadAreNamed() throws IOException {
    MetricsLog.resume(hadoop, lost(), 0).add(Map.of("kind", MetricsLog.ROUND, "round", 1L));
    LostMountFileSystem.lose(path -> path.getName().endsWith(".jsonl"));

    assertThatThrownBy(() -> MetricsLog.read(hadoop, lost()))
        .isInstanceOf(IOException.class)
        .hasMessageMatching("Cannot read .*/part-00000000.jsonl: Input/output error");
  }

  @Test
  public void weightsThatCannotBeReadAreNamed() throws IOException {
    Files.write(run.resolve("weights.safetensors"), new byte[9]);
    LostMountFileSystem.lose(path -> true);

    assertThatThrownBy(() -> InitialWeights.read(hadoop, lost() + "/weights.safetensors"))
        .isInstanceOf(IOException.class)
        .hasMessageMatching("Cannot read .*/weights.safetensors: Input/output error");
  }

  private String lost() {
    LostMountFileSystem.mount(hadoop);
    return "lost:" + run;
  }
}
