package dev.mien.spark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.model.train.TrainingState;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.run.Checkpoints;
import dev.mien.spark.run.Manifests;
import dev.mien.spark.run.Snapshots;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileUtil;
import org.apache.spark.deploy.SparkSubmit;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** The Scala of {@code deploy/notebooks}, compiled and run by Spark's own shell. */
public class ScalaCheck {

  private static final MienConfiguration TINY =
      MienConfiguration.load(
          Optional.of("tiny"),
          Optional.empty(),
          List.of("model { image = 56, patch = 14, encoder.width = 24, decoder.width = 12 }"));

  private Path folder;

  @BeforeClass
  public void writeDatasetAndRun() throws IOException {
    folder = Files.createTempDirectory("scala").toRealPath();
    NoiseDataset.write(folder.resolve("dataset").toUri().toString(), 3, 2, 64, 56);
    new Checkpoints(new Configuration(), folder.resolve("run").toString())
        .write(Manifests.of(1, TINY), Snapshots.of(TrainingState.initial(TINY.model(), 5)));
  }

  @AfterClass(alwaysRun = true)
  public void delete() {
    FileUtil.fullyDelete(folder.toFile());
  }

  @Test
  public void aPipelineOfScalaEmbedsClips() throws Exception {
    MienProcess shell =
        MienProcess.start(
            SparkSubmit.class,
            folder.resolve("shell.log"),
            Map.of("scala.usejavacp", "true"),
            Map.of("MIEN_FOLDER", folder.toUri().toString()),
            List.of(
                "--properties-file",
                "../deploy/notebooks/spark.properties",
                "--jars",
                System.getProperty("mien.jar"),
                "--class",
                "org.apache.spark.repl.Main",
                "spark-shell",
                "-i",
                "../deploy/notebooks/embed_clips.scala"));

    assertThat(shell.exit()).as(shell.said()).isZero();
    assertThat(shell.said())
        .doesNotContain("error:", "Exception")
        .contains(
            "| person00|      2|   24|", "| person01|      2|   24|", "| person02|      2|   24|");
    assertThat(folder.resolve("pipeline/stages")).isNotEmptyDirectory();
  }
}
