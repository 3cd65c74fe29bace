package dev.mien.spark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.spark.cli.Mien;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
            "--name",
            "mien pretrain",
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

  @Test
  public void aLinkToTheLauncherIsTheLauncher() throws Exception {
    Path link = Files.createTempDirectory("links").resolve("mien");
    Files.createSymbolicLink(link, LAUNCHER);
    assertThat(run(link, Map.of("SPARK_HOME", submitThatSaysWhatItIsGiven().toString()), "doctor"))
        .contains(Path.of(System.getProperty("mien.jar")).toRealPath().toString());
  }

  @Test
  public void whereThereIsASparkNoneIsBuilt() throws Exception {
    Path home = homeWithAJar();
    Path launcher = home.resolve("mien");
    program(home.resolve("bin/mvn"), "echo mvn was called");
    Map<String, String> environment =
        Map.of(
            "SPARK_HOME",
            submitThatSaysWhatItIsGiven().toString(),
            "PATH",
            home.resolve("bin") + ":" + System.getenv("PATH"));
    assertThat(run(launcher, environment, "doctor"))
        .endsWith("doctor\n")
        .doesNotContain("mvn was called");

    Files.delete(home.resolve("spark-jobs/target/mien.jar"));
    assertThat(run(launcher, environment, "doctor")).contains("mvn was called");
  }

  @Test
  public void theReadySparkOnThisMachineAloneStaysThere() throws Exception {
    Path home = homeWithAJar();
    program(
        home.resolve("deploy/local/target/spark-home/bin/spark-submit"),
        "echo \"${SPARK_LOCAL_IP:-any}\"");
    String here = Path.of("../conf/spark/local.properties").toRealPath().toString();
    String yarn = Files.writeString(home.resolve("yarn.conf"), "spark.master yarn\n").toString();

    assertThat(sayAddress(home)).isEqualTo("127.0.0.1\n");
    assertThat(sayAddress(home, "--properties-file", here)).isEqualTo("127.0.0.1\n");
    assertThat(sayAddress(home, "--properties-file=" + here)).isEqualTo("127.0.0.1\n");
    assertThat(sayAddress(home, "--properties-file", yarn)).isEqualTo("any\n");
    assertThat(sayAddress(home, "--properties-file", here, "--master", "yarn")).isEqualTo("any\n");
  }

  private static String sayAddress(Path home, String... options) throws Exception {
    List<String> arguments = new ArrayList<>(List.of("embed"));
    arguments.addAll(List.of(options));
    return run(home.resolve("mien"), Map.of(), arguments.toArray(String[]::new));
  }

  /** The launcher in a folder of its own, with a jar that nothing is newer than. */
  private static Path homeWithAJar() throws IOException {
    Path home = Files.createTempDirectory("home");
    Files.copy(LAUNCHER, home.resolve("mien"), StandardCopyOption.COPY_ATTRIBUTES);
    Files.createFile(
        Files.createDirectories(home.resolve("spark-jobs/target")).resolve("mien.jar"));
    return home;
  }

  private static Path submitThatSaysWhatItIsGiven() throws IOException {
    Path sparkHome = Files.createTempDirectory("spark-home");
    program(sparkHome.resolve("bin/spark-submit"), "printf '%s\\n' \"$@\"");
    return sparkHome;
  }

  private static void program(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, "#!/bin/sh\n" + text + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
  }

  private static String mien(Path sparkHome, String... arguments)
      throws IOException, InterruptedException {
    return run(
        LAUNCHER,
        sparkHome == null ? Map.of() : Map.of("SPARK_HOME", sparkHome.toString()),
        arguments);
  }

  private static String run(Path launcher, Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(launcher.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder
        .environment()
        .keySet()
        .removeAll(Set.of("SPARK_HOME", "SPARK_CONF_DIR", "SPARK_LOCAL_IP"));
    builder.environment().putAll(environment);
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }
}
