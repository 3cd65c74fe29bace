package dev.mien.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.spark.LocalSpark;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.FaceVideoDataset;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.testng.annotations.Test;

public class InspectCommandTest {

  @Test
  public void aRelativeFolderOfEmbeddingsLiesInTheWorkingFolder() throws IOException {
    Path folder = Files.createTempDirectory("inspect");
    String dataset = folder.resolve("dataset").toUri().toString();
    FaceVideoDataset.openOrCreate(
        LocalSpark.open(MienConfiguration.load(Optional.of("tiny"), Optional.empty(), List.of())),
        dataset);
    PrintStream before = System.err;
    var said = new ByteArrayOutputStream();
    System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
    try {
      Mien.run(
          "inspect",
          "--dataset=" + dataset,
          "--embeddings=no/embeddings",
          "--output=" + folder.resolve("page.html"));
    } finally {
      System.setErr(before);
    }

    assertThat(said.toString(StandardCharsets.UTF_8))
        .contains("No embeddings at file:" + Path.of("no/embeddings").toAbsolutePath() + " (make");
  }
}
