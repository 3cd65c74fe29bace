package dev.mien.spark.run;

import dev.mien.model.train.TrainingState;
import dev.mien.spark.config.MienConfiguration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.testng.annotations.BeforeMethod;

/** A run of its own for each test, without a checkpoint. */
abstract class CheckpointsFixture {

  static final MienConfiguration TINY =
      MienConfiguration.load(
          Optional.of("tiny"),
          Optional.empty(),
          List.of("model { image = 56, patch = 14, encoder.width = 24, decoder.width = 12 }"));

  final Configuration hadoop = new Configuration();
  Path run;
  Checkpoints checkpoints;

  @BeforeMethod
  public void makeRun() throws IOException {
    run = Files.createTempDirectory("run");
    checkpoints = new Checkpoints(hadoop, run.toUri().toString());
  }

  static Snapshot initial(long seed) {
    return Snapshots.of(TrainingState.initial(TINY.model(), seed));
  }

  static Manifest manifest(long round) {
    return Manifests.of(round, TINY);
  }
}
