package dev.mien.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileUtil;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** A run of two hundred rounds, whose processes hold no more at its end than at its fiftieth. */
public class FlatMemoryCheck {

  private static final long MEBI = 1 << 20;
  private static final int WARM = 50;
  private static final int ROUNDS = 200;
  private static final int READINGS = 3;

  /** That the last reading does not meet the run's end. */
  private static final int AFTER = 300;

  private static final int PEOPLE = 10;
  private static final int REPLICAS = 2;

  /** A state, parameters and moments, has eight megabytes: a hundred and fifty would show. */
  private static final String MODEL =
      "model { image = 56, patch = 14, frames = 4, encoder { width = 96, depth = 2, heads = 2 },"
          + " decoder { width = 48, depth = 1, heads = 2 } }";

  private static final Pattern GENERATION =
      Pattern.compile("generation +total [0-9]+K, used ([0-9]+)K");

  private final Configuration hadoop = new Configuration();
  private Path folder;
  private TestCluster cluster;

  /** What a process holds, in bytes: of its heap what is still used, and all that is resident. */
  private record Held(long heap, long resident) {

    Held least(Held other) {
      return new Held(Math.min(heap, other.heap), Math.min(resident, other.resident));
    }
  }

  @BeforeClass
  public void start() throws IOException {
    folder = Files.createTempDirectory("flat-memory").toRealPath();
    NoiseDataset.write(uri("dataset"), PEOPLE, 1, 4, 56);
    cluster = TestCluster.start(folder.resolve("cluster"), 2, "1g");
  }

  @AfterClass(alwaysRun = true)
  public void stop() throws IOException {
    if (cluster != null) {
      cluster.close();
    }
    FileUtil.fullyDelete(folder.toFile());
  }

  @Test
  public void twoHundredRoundsLeaveNothingBehind() throws Exception {
    // All of the heap is resident from the start, so that what else grows can be seen.
    String java = BriefJava.OPTIONS + " -XX:+AlwaysPreTouch -Xms700m";
    Process job =
        cluster.start(
            List.of(
                "--driver-java-options",
                java,
                "--executor-memory",
                "700m",
                "--conf",
                "spark.executor.extraJavaOptions=" + java,
                // Spark's pages keep as much of what is done.
                "--conf",
                "spark.ui.retainedJobs=20",
                "--conf",
                "spark.ui.retainedStages=20",
                "--conf",
                "spark.ui.retainedTasks=100"),
            List.of(
                "pretrain",
                "--preset",
                "tiny",
                "--dataset",
                uri("dataset"),
                "--run",
                uri("run"),
                "--set",
                MODEL,
                "--set",
                "training { replicas = %d, batch-size = 1, stride = 1, local-steps = 1, epochs = 1,"
                        .formatted(REPLICAS)
                    + " windows-per-clip = %d, validation-fraction = 0, checkpoint-every = 10 }"
                        .formatted((ROUNDS + AFTER) * REPLICAS / PEOPLE)));

    Map<String, Held> before = leastHeld(job, WARM);
    Map<String, Held> after = leastHeld(job, ROUNDS);
    TestCluster.Ended ended = TestCluster.end(job);

    assertThat(ended.exit()).as(ended.said()).isZero();
    System.out.println("After " + WARM + " rounds " + before + ", after " + ROUNDS + " " + after);
    assertThat(after).hasSize(3).containsOnlyKeys(before.keySet());
    after.forEach(
        (process, held) -> {
          assertThat(held.heap() - before.get(process).heap())
              .as("growth of %s's heap", process)
              .isLessThan(48 * MEBI);
          assertThat(held.resident() - before.get(process).resident())
              .as("growth of %s", process)
              .isLessThan(64 * MEBI);
        });
  }

  /** Of some rounds from this one on: what a round has under way it does not keep. */
  private Map<String, Held> leastHeld(Process job, int round)
      throws IOException, InterruptedException {
    Map<String, Held> least = new TreeMap<>();
    for (int finished = round; finished < round + READINGS; finished++) {
      RunsOfEight.awaitRounds(hadoop, uri("run"), job, finished);
      held(job).forEach((process, held) -> least.merge(process, held, Held::least));
    }
    return least;
  }

  private Map<String, Held> held(Process driver) throws IOException, InterruptedException {
    Map<String, Held> held = new TreeMap<>();
    held.put("driver", held(driver.toHandle()));
    for (ProcessHandle executor : cluster.executors()) {
      held.put("executor " + executor.pid(), held(executor));
    }
    return held;
  }

  private static Held held(ProcessHandle process) throws IOException, InterruptedException {
    jcmd(process, "GC.run");
    long heap =
        GENERATION
            .matcher(jcmd(process, "GC.heap_info"))
            .results()
            .mapToLong(found -> Long.parseLong(found.group(1)) << 10)
            .sum();
    assertThat(heap).as("the used heap of %d", process.pid()).isPositive();
    return new Held(heap, Processes.memory(process, "VmRSS"));
  }

  private static String jcmd(ProcessHandle process, String command)
      throws IOException, InterruptedException {
    Process jcmd =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin/jcmd").toString(),
                Long.toString(process.pid()),
                command)
            .redirectErrorStream(true)
            .start();
    String said = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(jcmd.waitFor()).as(said).isZero();
    return said;
  }

  private String uri(String name) {
    return folder.resolve(name).toUri().toString();
  }
}
