package dev.mien.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.mien.spark.LocalSpark;
import dev.mien.spark.config.MienConfiguration;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.testng.annotations.Test;

public class PreprocessCommandTest {

  private static final String SHUT = "spark.hadoop.fs.shut.impl";

  /** The files of this machine through a client that was shut down: it opens none. */
  public static final class Shut extends RawLocalFileSystem {

    @Override
    public void initialize(URI uri, Configuration hadoop) {
      setConf(hadoop);
    }

    @Override
    public URI getUri() {
      return URI.create("shut:///");
    }

    @Override
    public FSDataInputStream open(org.apache.hadoop.fs.Path file, int buffer) {
      throw new IllegalStateException("Connection pool shut down");
    }
  }

  @Test
  public void whatWasPublishedIsSaidOfARunThatFailedLater() throws IOException {
    Path folder = Files.createTempDirectory("unfinished").toRealPath();
    Files.writeString(folder.resolve("b.mp4"), "12345");
    Path list =
        Files.writeString(
            folder.resolve("list.csv"), "uri\nmissing.mp4\nshut://%s/b.mp4\n".formatted(folder));
    Path summary = folder.resolve("summary.json");
    var said = new ByteArrayOutputStream();

    int exit = preprocess(list, folder.resolve("dataset"), summary, said);

    assertThat(exit).isEqualTo(1);
    assertThat(said.toString(StandardCharsets.UTF_8))
        .contains("Not finished: the run failed when this was done")
        .contains("       1 quarantined: missing file");
    JsonObject written = JsonParser.parseString(Files.readString(summary)).getAsJsonObject();
    assertThat(written.get("finished").getAsBoolean()).isFalse();
    assertThat(written.getAsJsonObject("outcomes").keySet())
        .containsExactly("quarantined: missing file");
    String kept =
        "dataset/summaries/version-%06d.json".formatted(written.get("datasetVersion").getAsLong());
    assertThat(folder.resolve(kept)).content().contains("quarantined: missing file");
  }

  private static int preprocess(Path list, Path dataset, Path summary, ByteArrayOutputStream said) {
    System.setProperty(SHUT, Shut.class.getName());
    PrintStream before = System.out;
    System.setOut(new PrintStream(said, true, StandardCharsets.UTF_8));
    try {
      LocalSpark.open(MienConfiguration.load(Optional.of("tiny"), Optional.empty(), List.of()));
      return Mien.run(
          "preprocess",
          "--list=" + list,
          "--dataset=" + dataset,
          "--summary=" + summary,
          "--set",
          "dataset.batch-videos=1");
    } finally {
      System.setOut(before);
      System.clearProperty(SHUT);
    }
  }
}
