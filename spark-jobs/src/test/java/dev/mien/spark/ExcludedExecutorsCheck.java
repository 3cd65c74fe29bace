package dev.mien.spark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.session.SparkSessions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.testng.annotations.Test;

/**
 * A round in which every task fails once, as when storage is away for a moment, with the exclusion
 * of executors that the shipped settings turn on: the next round has all executors. A command of
 * its own: {@code mvn -Pchecks verify -Dit.test=ExcludedExecutorsCheck}.
 */
public class ExcludedExecutorsCheck {

  @Test
  public void aMomentWithoutStorageLeavesEveryExecutorInItsPlace() throws Exception {
    String jar = System.getProperty("mien.jar");
    String classes = Path.of("target/test-classes").toAbsolutePath() + ":" + jar;
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("mien.spark.home"), "bin/spark-submit").toString());
    command.addAll(List.of("--master", "local-cluster[2,1,1024]", "--driver-class-path", classes));
    for (String setting :
        List.of(
            "spark.driver.host=127.0.0.1",
            "spark.driver.bindAddress=127.0.0.1",
            "spark.executor.memory=1g",
            "spark.executor.extraClassPath=" + classes,
            "spark.scheduler.minRegisteredResourcesRatio=1",
            "spark.excludeOnFailure.enabled=true")) {
      command.addAll(List.of("--conf", setting));
    }
    command.addAll(List.of("--class", Rounds.class.getName(), jar));
    ProcessBuilder submit = new ProcessBuilder(command);
    submit.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    TestCluster.Ended ended = TestCluster.end(submit.redirectErrorStream(true).start());

    assertThat(ended.exit()).as(ended.said()).isZero();
    assertThat(ended.said().lines().filter(line -> line.startsWith("executors ")))
        .as(ended.said())
        .containsExactly("executors [0, 1]", "executors [0, 1]", "executors [0, 1]");
  }

  /** Says which executors each of three rounds had; the tasks of the second fail once each. */
  public static final class Rounds {

    private static final int TASKS = 8;

    public static void main(String... arguments) {
      MienConfiguration configuration =
          MienConfiguration.load(Optional.of("tiny"), Optional.empty(), List.of());
      try (SparkSession spark = SparkSessions.openForRounds("rounds", configuration)) {
        JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
        for (int failures : new int[] {0, 1, 0}) {
          JavaRDD<Integer> tasks = context.parallelize(Collections.nCopies(TASKS, failures), TASKS);
          System.out.println(
              "executors "
                  + tasks.map(Rounds::executor).distinct().collect().stream().sorted().toList());
        }
      }
    }

    private static String executor(int failures) {
      if (TaskContext.get().attemptNumber() < failures) {
        throw new IllegalStateException("storage is away");
      }
      return SparkEnv.get().executorId();
    }
  }
}
