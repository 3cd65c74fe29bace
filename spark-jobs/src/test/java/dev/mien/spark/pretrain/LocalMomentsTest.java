package dev.mien.spark.pretrain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.model.parameters.ParameterVector;
import java.io.IOException;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** Three rounds of a replica that keeps its moments to itself. */
public class LocalMomentsTest extends NoiseRunsFixture {

  private static final String[] SETTINGS = {
    "averaging { inner-state = local, exchange = float32 }", "training { replicas = 1, epochs = 1 }"
  };

  private static final String[] SETTINGS_OF_TWO = {
    "averaging { inner-state = local, exchange = float32 }", "training.checkpoints-kept = 9"
  };

  @BeforeClass
  public void mountFiles() {
    spark
        .sparkContext()
        .hadoopConfiguration()
        .set("fs.counting.impl", ReplicaFilesCount.class.getName());
  }

  @Test
  public void aReplicaReadsItsMomentsOnlyWhereItHasNotGotThem() throws IOException {
    String run = "counting:" + folder.resolve("run");
    job(SETTINGS).start(uri("dataset"), run);
    assertThat(ReplicaFilesCount.OPENED.getAndSet(0)).as("by the replica that wrote them").isZero();
    ParameterVector third = model("run", 3);

    forget("run", 2, 3);
    job(SETTINGS[0], SETTINGS[1], "training.seed = 32").start(uri("dataset"), uri("another"));
    job(SETTINGS).resume(uri("dataset"), run, Set.of());

    assertThat(ReplicaFilesCount.OPENED.get())
        .as("by the driver, and by the replica that takes the place of another run's")
        .isEqualTo(2);
    assertThat(model("run", 3)).isEqualTo(third);
  }

  @Test
  public void whatIsRefusedForAMomentCostsNoStep() throws IOException {
    start("undisturbed", SETTINGS_OF_TWO);
    AtomicInteger refused = new AtomicInteger();
    RefusingFileSystem.mount(spark);
    RefusingFileSystem.refusal =
        path -> path.contains("/replica-00001-") && refused.incrementAndGet() <= 2 ? "away" : "";
    job(SETTINGS_OF_TWO[0], SETTINGS_OF_TWO[1], "training.retry-time = 1m")
        .start(uri("dataset"), "refusing:" + folder.resolve("disturbed"));

    assertThat(refused).as("attempts at six files").hasValue(8);
    assertThat(newest("disturbed").parameters()).isEqualTo(newest("undisturbed").parameters());
  }

  /** The files of this machine, of which those of replicas are counted when they are opened. */
  public static final class ReplicaFilesCount extends RawLocalFileSystem {

    private static final AtomicInteger OPENED = new AtomicInteger();

    @Override
    public URI getUri() {
      return URI.create("counting:///");
    }

    @Override
    public FSDataInputStream open(Path path, int bufferSize) throws IOException {
      if (path.getName().startsWith("replica-")) {
        OPENED.incrementAndGet();
      }
      return super.open(path, bufferSize);
    }
  }
}
