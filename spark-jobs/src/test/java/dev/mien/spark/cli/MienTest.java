package dev.mien.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mien.spark.LocalSpark;
import dev.mien.spark.config.MienConfiguration;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.SparkException;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;
import picocli.CommandLine;
import picocli.CommandLine.TypeConversionException;

public class MienTest {

  @Test
  public void filesOfThisMachineAreAlsoNamedByUri() {
    assertThat(Mien.localPath("a b/report.html")).isEqualTo(Path.of("a b/report.html"));
    assertThat(Mien.localPath("file:///tmp/a%20b.json")).isEqualTo(Path.of("/tmp/a b.json"));
    assertThat(Mien.localPath("file:/tmp/a.json")).isEqualTo(Path.of("/tmp/a.json"));
  }

  @Test
  public void whatSparkWrapsIsSaidWithWhatItCameOf() {
    var root = new EOFException("Reached the end of stream");
    var named = new IOException("Cannot read row group 3 of file:/clips", root);
    assertThat(Mien.cause(new SparkException("Job aborted", new SparkException("Task", named))))
        .isEqualTo(
            "java.io.IOException: Cannot read row group 3 of file:/clips: java.io.EOFException:"
                + " Reached the end of stream");

    var bare = new IllegalArgumentException("Invalid frame: 7 bytes");
    assertThat(Mien.cause(new IOException("Cannot decode clip c1: Invalid frame: 7 bytes", bare)))
        .isEqualTo("java.io.IOException: Cannot decode clip c1: Invalid frame: 7 bytes");
    assertThat(Mien.cause(new SparkException("No resources")))
        .isEqualTo("org.apache.spark.SparkException: No resources");
  }

  @Test
  public void theHelpNamesEveryPresetAndSaysWhatOneIs() {
    String help = new CommandLine(new EmbedCommand()).setUsageHelpWidth(240).getUsageMessage();

    assertThat(help)
        .contains("laid over conf/reference.conf")
        .contains("One of tiny, marlin-small, marlin-base, marlin-large, videomae, svfap.");
  }

  @Test
  public void theHelpOfEveryJobSaysHowItEndsAndWhatElseItTakes() {
    Map<String, CommandLine> jobs = new TreeMap<>(new CommandLine(Mien.class).getSubcommands());
    jobs.remove("quickstart"); // submits by itself, and ends as the jobs do
    assertThat(jobs).isNotEmpty();

    jobs.forEach(
        (name, job) ->
            assertThat(job.setUsageHelpWidth(160).getUsageMessage())
                .as(name)
                .containsPattern("Exit codes:\\s+0\\s+done")
                .contains("what was asked for cannot be")
                .contains("also takes options of spark-submit, such as --master"));
    assertThat(jobs.get("preprocess").getUsageMessage()).containsOnlyOnce("Exit codes:");
  }

  @Test
  public void aFileElsewhereIsRefusedBeforeAnyWork() {
    assertThatThrownBy(() -> Mien.localPath("s3a://bucket/figures.json"))
        .isInstanceOf(TypeConversionException.class)
        .hasMessageContaining("Not a file of this machine: s3a://bucket/figures.json");
    assertThat(
            Mien.run(
                "evaluate",
                "--dataset=no-dataset",
                "--model=no-model",
                "--output=hdfs:///figures.json"))
        .isEqualTo(2);
  }

  @DataProvider
  public Object[][] jobsOnGpus() {
    return new Object[][] {
      {"pretrain", "--run"}, {"embed", "--model=no-model", "--output"}, {"evaluate", "--model"},
    };
  }

  @Test(dataProvider = "jobsOnGpus")
  public void gpusThatNoTaskIsGivenAreRefusedBeforeAnyWork(String... job) throws IOException {
    Path folder = Files.createTempDirectory("gpu").resolve("new");
    List<String> arguments = new ArrayList<>(List.of(job));
    arguments.set(job.length - 1, job[job.length - 1] + "=" + folder);
    arguments.addAll(List.of("--dataset=no-dataset", "--set=training.device=gpu"));
    LocalSpark.open(MienConfiguration.load(Optional.of("tiny"), Optional.empty(), List.of()));

    assertThat(refusal(arguments))
        .contains("Invalid training.device: gpu (must be cpu with the master local[2],");
    assertThat(folder).doesNotExist();
  }

  @Test
  public void aFolderOfWhichTheShellMakesNoHomeIsRefused() {
    for (List<String> job :
        List.of(
            List.of("pretrain", "--dataset=d", "--run=~/run"),
            List.of("import", "--weights=w.pt", "--output=~/model"),
            List.of("export", "--run=r", "--format=djl", "--output=~/model"))) {
      assertThat(refusal(job)).contains("Invalid folder: '~/");
    }
  }

  private static String refusal(List<String> job) {
    PrintStream before = System.err;
    var said = new ByteArrayOutputStream();
    System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
    try {
      assertThat(Mien.run(job.toArray(String[]::new))).as("%s", job).isEqualTo(2);
    } finally {
      System.setErr(before);
    }
    return said.toString(StandardCharsets.UTF_8);
  }

  @Test
  public void aSummaryThatCannotBeWrittenIsRefusedBeforeAnyWork() throws IOException {
    Path folder = Files.createTempDirectory("summary");
    Files.createFile(folder.resolve("file"));
    Files.createFile(folder.resolve("a.mp4"));
    LocalSpark.open(MienConfiguration.load(Optional.of("tiny"), Optional.empty(), List.of()));

    for (String summary : List.of("", "file/summary.json")) {
      assertThat(
              Mien.run(
                  "preprocess",
                  "--input=" + folder,
                  "--dataset=" + folder.resolve("dataset"),
                  "--summary=" + folder.resolve(summary)))
          .as(summary)
          .isEqualTo(2);
    }
    assertThat(folder.resolve("dataset")).doesNotExist();
  }
}
