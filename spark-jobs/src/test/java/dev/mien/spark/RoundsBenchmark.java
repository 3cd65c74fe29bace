package dev.mien.spark;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.mien.spark.TestCluster.Ended;
import dev.mien.spark.run.MetricsLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileUtil;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/**
 * Prints how many clips a second ViT-S trains on one executor of one core and on two, and the
 * exchange's share of a round, by the rounds' own figures: {@code mvn -Pchecks verify
 * -Dit.test=RoundsBenchmark}, with {@code -Dbatch=} for the clips of a step (1, which makes the
 * share as large as it can be) and {@code -Drounds=} for the rounds, of which the last three count
 * (4; exchanges go on getting quicker until about the sixth).
 */
public class RoundsBenchmark {

  private static final int LOCAL_STEPS = 50;
  private static final int PEOPLE = 10;
  private static final int BATCH = Integer.getInteger("batch", 1);

  /** Java loads and compiles classes and lets memory grow, most in the first rounds. */
  private static final int ROUNDS = Integer.getInteger("rounds", 4);

  /** The last ones. */
  private static final int COUNTED = 3;

  private static final int FRAMES = 16;
  private static final int SIDE = 224;

  private final Configuration hadoop = new Configuration();
  private Path folder;
  private TestCluster cluster;

  @BeforeClass
  public void start() throws IOException {
    folder = Files.createTempDirectory("rounds-scaling").toRealPath();
    NoiseDataset.write(uri("dataset"), PEOPLE, 1, FRAMES, SIDE);
    cluster = TestCluster.startMeasured(folder.resolve("cluster"), 2, "3g");
  }

  @AfterClass(alwaysRun = true)
  public void stop() throws IOException {
    if (cluster != null) {
      cluster.close();
    }
    FileUtil.fullyDelete(folder.toFile());
  }

  @Test
  public void measure() throws Exception {
    System.out.printf(
        "%-9s %8s %8s %10s %10s %9s%n",
        "executors", "replicas", "clips/s", "train s", "exchange s", "share %");
    double one = measure(1, 2);
    double two = measure(2, 2);
    System.out.printf("Two executors train %.2f times what one does%n", two / one);
  }

  /** Clips a second. */
  private double measure(int executors, int replicas) throws Exception {
    String run = "run-%d-%d".formatted(executors, replicas);
    List<String> job = new ArrayList<>(List.of("pretrain", "--preset", "marlin-small"));
    job.addAll(List.of("--dataset", uri("dataset"), "--run", uri(run), "--set"));
    job.add(
        "training { replicas = %d, batch-size = %d, stride = 1, local-steps = %d, epochs = 1,"
                .formatted(replicas, BATCH, LOCAL_STEPS)
            + " windows-per-clip = %d, validation-fraction = 0, checkpoint-every = 100 }"
                .formatted(ROUNDS * LOCAL_STEPS * BATCH * replicas / PEOPLE));
    Ended ended =
        cluster.run(
            List.of(
                "--driver-memory",
                "2g",
                "--executor-memory",
                "3g",
                "--total-executor-cores",
                Integer.toString(executors)),
            job);
    assertThat(ended.exit()).as(ended.said()).isZero();

    List<JsonObject> rounds =
        MetricsLog.read(hadoop, uri(run)).stream()
            .filter(line -> line.get("kind").getAsString().equals(MetricsLog.ROUND))
            .skip(ROUNDS - COUNTED)
            .toList();
    assertThat(rounds).hasSize(COUNTED);
    double seconds = mean(rounds, line -> clips(line) / line.get("clips_per_second").getAsDouble());
    double exchange = mean(rounds, line -> line.get("exchange_seconds").getAsDouble());
    double rate = mean(rounds, RoundsBenchmark::clips) / seconds;
    System.out.printf(
        "%-9d %8d %8.2f %10.2f %10.2f %9.1f%n",
        executors, replicas, rate, seconds - exchange, exchange, 100 * exchange / seconds);
    return rate;
  }

  private static double clips(JsonObject line) {
    return line.get("clips").getAsDouble();
  }

  private static double mean(List<JsonObject> rounds, ToDoubleFunction<JsonObject> figure) {
    return rounds.stream().mapToDouble(figure).average().orElseThrow();
  }

  private String uri(String name) {
    return folder.resolve(name).toUri().toString();
  }
}
