package dev.mien.spark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.spark.cli.Mien;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.testng.annotations.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** The script at the top, as a user calls it. */
public class LauncherIT {

  private static final Path LAUNCHER = Path.of("../mien").toAbsolutePath().normalize();

  @Test
  public void optionsOfSparkSubmitGoToItAndAllOthersToTheJob() throws Exception {
    List<String> said =
        mien(
                submitThatSaysWhatItIsGiven(),
                "pretrain",
                "--master",
                "yarn",
                "--queue=faces",
                "--run",
                "hdfs:///my run",
                "--set",
                "a.b=c d",
                "--num-executors",
                "4",
                "--resume")
            .lines()
            .toList();

    assertThat(said)
        .containsExactly(
            "--master",
            "yarn",
            "--queue=faces",
            "--num-executors",
            "4",
            "--class",
            "dev.mien.spark.cli.Mien",
            Path.of(System.getProperty("mien.jar")).toRealPath().toString(),
            "pretrain",
            "--run",
            "hdfs:///my run",
            "--set",
            "a.b=c d",
            "--resume");
  }

  @Test
  public void noOptionOfAJobIsOneOfSparkSubmit() throws Exception {
    Path sparkHome = submitThatSaysWhatItIsGiven();
    Map<String, CommandLine> jobs = new CommandLine(Mien.class).getSubcommands();
    for (String job : jobs.keySet()) {
      List<String> given = new ArrayList<>(List.of(job));
      for (OptionSpec option : jobs.get(job).getCommandSpec().options()) {
        if (!option.usageHelp() && !option.versionHelp()) {
          given.addAll(List.of(option.longestName(), "x"));
        }
      }
      if (!job.equals("quickstart")) { // which no spark-submit starts
        assertThat(mien(sparkHome, given.toArray(String[]::new)).lines().toList())
            .endsWith(given.toArray(String[]::new));
      }
    }
  }

  @Test
  public void helpNamesEveryJob() throws Exception {
    assertThat(mien(null, "--help"))
        .contains("quickstart", "preprocess", "pretrain", "embed", "inspect");
    assertThat(mien(null, "pretrain", "--help")).contains("--resume", "--preset=NAME");
  }

  private static Path submitThatSaysWhatItIsGiven() throws IOException {
    Path sparkHome = Files.createTempDirectory("spark-home");
    Path submit = Files.createDirectories(sparkHome.resolve("bin")).resolve("spark-submit");
    Files.writeString(submit, "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
    Files.setPosixFilePermissions(submit, PosixFilePermissions.fromString("rwx------"));
    return sparkHome;
  }

  private static String mien(Path sparkHome, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(LAUNCHER.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().remove("SPARK_HOME");
    if (sparkHome != null) {
      builder.environment().put("SPARK_HOME", sparkHome.toString());
    }
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }
}
