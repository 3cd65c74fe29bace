package dev.mien.spark.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.testng.SkipException;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** The scripts of the nightly batch and of YARN, with something in the place of spark-submit. */
public class NightlyIT extends NightFixture {

  @Test
  public void whileOneRunsAnotherSaysSoEvenAfterItsScriptIsKilled() throws Exception {
    Path submit = folder.resolve("spark/bin/spark-submit");
    new ProcessBuilder("mkfifo", folder + "/begun", folder + "/go").start().waitFor();
    Script.program(submit, "echo begun >" + folder + "/begun; cat " + folder + "/go");
    Map<String, String> environment = Map.of("SPARK_HOME", folder.resolve("spark").toString());
    Path settings = settings();

    Process first = Script.of(environment, "schedule/nightly", settings.toString()).start();
    Files.readString(folder.resolve("begun"));
    List<ProcessHandle> jobs = first.descendants().toList();
    Script.Ended second = Script.run(environment, "schedule/nightly", settings.toString());
    assertThat(second.exit()).isEqualTo(75);
    assertThat(second.said()).contains("Another run has not ended: it holds " + folder);
    assertThat(Files.readString(folder.resolve("told"))).startsWith("75 lock ");

    first.destroyForcibly().waitFor();
    assertThat(Script.run(environment, "schedule/nightly", settings.toString()).exit())
        .isEqualTo(75);
    try (OutputStream go = Files.newOutputStream(folder.resolve("go"))) {
      go.write('\n');
    }
    for (ProcessHandle job : jobs) {
      job.onExit().join();
    }
    Script.program(submit, "exit 0");
    assertThat(Script.run(environment, "schedule/nightly", settings.toString()).exit()).isZero();
  }

  @Test
  public void jobsAreThoseThatMienHasAndTheFirstFailureEndsTheNight() throws Exception {
    Path said = folder.resolve("said");
    Path submit = folder.resolve("spark/bin/spark-submit");
    String record = "printf '%s\\0' \"$@\" >>" + said + "; echo >>" + said;
    Map<String, String> environment = Map.of("SPARK_HOME", folder.resolve("spark").toString());
    Path settings =
        settings(
            "lists=(file:///lists/vox.csv)",
            "boxes='file:///boxes of vox'",
            "model=file:///runs/1",
            "embeddings=file:///embeddings",
            "submit=(--master yarn --num-executors 2)",
            "job=(--set 'training.seed = 7')");

    Script.program(submit, record);
    assertThat(Script.run(environment, "schedule/nightly", settings.toString()).exit()).isZero();
    List<List<String>> calls = calls(said);
    assertThat(calls).hasSize(4);
    for (List<String> call : calls) {
      assertThat(call)
          .startsWith("--name", "mien " + job(call).get(0))
          .containsSequence("--master", "yarn", "--num-executors", "2");
    }
    assertThat(calls.stream().map(NightlyIT::job).map(Script::parse))
        .extracting(job -> job.commandSpec().name())
        .containsExactly("preprocess", "embed", "inspect", "vacuum");
    assertThat(calls.get(0))
        .containsSequence("--list", "file:///lists/vox.csv")
        .containsSequence("--boxes", "file:///boxes of vox");
    assertThat(calls.subList(1, 4)).allSatisfy(call -> assertThat(call).doesNotContain("--boxes"));

    Files.delete(said);
    Script.program(submit, record + "; [[ \" $* \" != *' embed '* ]] || exit 1");
    assertThat(Script.run(environment, "schedule/nightly", settings.toString()).exit())
        .isEqualTo(1);
    assertThat(calls(said)).hasSize(2);
    assertThat(Files.readString(folder.resolve("told"))).startsWith("1 embed ");
  }

  @DataProvider
  public Object[][] afterTooManyFailures() {
    return new Object[][] {{0, List.of()}, {1, List.of("1 embed ")}};
  }

  @Test(dataProvider = "afterTooManyFailures")
  public void tooManyFailuresAreToldAtOnceAndWhateverFollowsCannotHideThem(
      int embed, List<String> later) throws Exception {
    Path before = folder.resolve("told-before-embed");
    Script.program(
        folder.resolve("spark/bin/spark-submit"),
        """
        case " $* " in
          *' preprocess '*) exit 3 ;;
          *' embed '*) cp %s %s; exit %d ;;
        esac"""
            .formatted(folder.resolve("told"), before, embed));
    Map<String, String> environment = Map.of("SPARK_HOME", folder.resolve("spark").toString());
    Path settings = settings("model=file:///runs/1", "embeddings=file:///embeddings");

    Script.Ended ended = Script.run(environment, "schedule/nightly", settings.toString());
    assertThat(ended.exit()).as(ended.said()).isEqualTo(3);
    assertThat(before).content().startsWith("3 preprocess " + folder.resolve("state/summaries"));
    List<String> told = told();
    assertThat(told).first().asString().isEqualTo(Files.readString(before).strip());
    assertThat(told).hasSize(1 + later.size());
    for (int i = 0; i < later.size(); i++) {
      assertThat(told.get(1 + i)).startsWith(later.get(i));
    }
  }

  @Test
  public void theSettingsThatAreShippedLeadToYarn() throws Exception {
    Path said = folder.resolve("said");
    Script.program(
        folder.resolve("spark/bin/spark-submit"),
        "printf '%s\\0' \"$HADOOP_CONF_DIR\" \"$@\" >>" + said + "; echo >>" + said);
    String shipped = Files.readString(Script.DEPLOY.resolve("schedule/nightly.conf"));
    Path settings =
        Files.writeString(
            folder.resolve("shipped.conf"),
            shipped
                .replace("/opt/spark", folder.resolve("spark").toString())
                .replace("/opt/mien", Script.DEPLOY.getParent().toString())
                .replace("/var/lib/mien/nightly", folder.resolve("state").toString()));

    Script.Ended ended = Script.run(Map.of(), "schedule/nightly", settings.toString());
    assertThat(ended.exit()).as(ended.said()).isZero();
    List<List<String>> calls = calls(said);
    assertThat(calls).hasSize(3);
    for (List<String> call : calls) {
      assertThat(call).startsWith("/etc/hadoop/conf").containsSequence("--master", "yarn");
      assertThat(Path.of(call.get(call.indexOf("--properties-file") + 1))).isRegularFile();
      Script.parse(job(call));
    }
  }

  @Test
  public void settingsThatCannotBeAreNamed() throws Exception {
    for (Map.Entry<String, String> wrong :
        Map.of(
                "dataset=''", "Missing in ",
                "state=here", "Invalid state: 'here'",
                "model=file:///runs/1", "embeddings, since there is a model",
                "keep_days=week", "Invalid keep_days: week",
                "keep_versions_days=3", "Invalid keep_versions_days: 3 (must be in [7,30])",
                "submit=(--deploy-mode cluster)", "Invalid submit: deploy mode cluster")
            .entrySet()) {
      Script.Ended ended =
          Script.run(Map.of(), "schedule/nightly", settings(wrong.getKey()).toString());
      assertThat(ended.exit()).as(wrong.getKey()).isEqualTo(2);
      assertThat(ended.said()).contains(wrong.getValue());
      assertThat(told()).as(wrong.getKey()).containsExactly("2 settings ");
    }
  }

  @Test
  public void aNightThatCannotBeginIsTold() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "No folder can be made below this.");
    Path settings = settings("state=" + file.resolve("state"));
    Script.Ended ended = Script.run(Map.of(), "schedule/nightly", settings.toString());
    assertThat(ended.exit()).as(ended.said()).isEqualTo(1);
    assertThat(told()).containsExactly("1 settings ");

    settings = settings();
    Script.program(folder.resolve("bin/flock"), "exit 71"); // no locks on this file system
    String path = folder.resolve("bin") + ":" + System.getenv("PATH");
    ended = Script.run(Map.of("PATH", path), "schedule/nightly", settings.toString());
    assertThat(ended.exit()).as(ended.said()).isEqualTo(1);
    assertThat(ended.said()).contains("Cannot lock " + folder, "flock ended with 71");
    assertThat(told()).singleElement().asString().startsWith("1 lock ");
  }

  @Test
  public void yarnIsAskedForJobsThatMienHas() throws Exception {
    Script.program(folder.resolve("spark/bin/spark-submit"), "printf '%s\\0' \"$@\"");
    Map<String, String> environment =
        Map.of(
            "SPARK_HOME", folder.resolve("spark").toString(),
            "HADOOP_CONF_DIR", folder.toString());
    Script.Ended preprocess =
        Script.run(
            environment,
            "yarn/preprocess",
            "--input",
            "hdfs:///vox",
            "--dataset",
            "hdfs:///mien",
            "--num-executors",
            "64");
    Script.Ended pretrain =
        Script.run(
            environment,
            "yarn/pretrain",
            "--dataset",
            "hdfs:///mien",
            "--run",
            "hdfs:///runs/1",
            "--preset",
            "marlin-base",
            "--set",
            "training.replicas=16");

    List<String> first = List.of(preprocess.said().split("\0"));
    assertThat(Script.parse(job(first)).commandSpec().name()).isEqualTo("preprocess");
    assertThat(first).containsSubsequence("--deploy-mode", "client", "--num-executors", "64");
    List<String> second = List.of(pretrain.said().split("\0"));
    assertThat(Script.parse(job(second)).<Boolean>matchedOptionValue("--resume", false)).isTrue();
    assertThat(second)
        .containsSubsequence("--deploy-mode", "cluster")
        .anyMatch(argument -> argument.startsWith("training.task-limit="));
    for (List<String> call : List.of(first, second)) {
      Path properties = Path.of(call.get(call.indexOf("--properties-file") + 1));
      assertThat(properties).isRegularFile();
    }
  }

  @Test
  public void yarnWithoutItsSettingsIsABadRequest() throws Exception {
    for (String script : List.of("yarn/preprocess", "yarn/pretrain")) {
      Script.Ended ended = Script.run(Map.of("HADOOP_CONF_DIR", ""), script);
      assertThat(ended.exit()).as(ended.said()).isEqualTo(2);
      assertThat(ended.said()).contains("Missing HADOOP_CONF_DIR (must be the folder of the");
    }
  }

  @Test
  public void systemdAcceptsTheUnits() throws Exception {
    if (!Files.isExecutable(Path.of("/usr/bin/systemd-analyze"))) {
      throw new SkipException("There is no systemd-analyze here to verify the units");
    }
    List<String> command = new ArrayList<>(List.of("systemd-analyze", "verify"));
    for (String name :
        List.of(
            "standalone/mien-master.service",
            "standalone/mien-worker.service",
            "schedule/mien-nightly.service",
            "schedule/mien-nightly.timer")) {
      String text = Files.readString(Script.DEPLOY.resolve(name));
      Path unit = folder.resolve(Path.of(name).getFileName());
      Files.writeString(unit, text.replace("/opt/mien", Script.DEPLOY.getParent().toString()));
      command.add(unit.toString());
    }
    Script.Ended ended = Script.end(new ProcessBuilder(command).redirectErrorStream(true).start());
    assertThat(ended.said()).isEmpty();
    assertThat(ended.exit()).isZero();
  }

  private static List<List<String>> calls(Path said) throws IOException {
    return Files.readAllLines(said).stream().map(line -> List.of(line.split("\0"))).toList();
  }

  /** What follows the application jar. */
  private static List<String> job(List<String> call) {
    int jar =
        call.indexOf(
            Path.of(System.getProperty("mien.jar")).toAbsolutePath().normalize().toString());
    assertThat(jar).as("the jar in %s", call).isNotNegative();
    return call.subList(jar + 1, call.size());
  }
}
