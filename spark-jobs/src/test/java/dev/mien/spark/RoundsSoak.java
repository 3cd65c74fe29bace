package dev.mien.spark;

import dev.mien.spark.TestCluster.Ended;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/**
 * A run of a hundred rounds of which fifty are cut short by killing the driver, which is then
 * resumed, or an executor, at moments that the seed has. Not part of the tests: {@code mvn -Pchecks
 * verify -Dit.test=RoundsSoak}.
 */
public class RoundsSoak {

  private static final long SEED = 7;
  private static final int KILLS = 50;
  private static final int ROUNDS = 100;

  /** 12 clips, 4 windows, 16 samples a round. */
  private static final String LENGTH = "training { epochs = 34, checkpoint-every = 3 }";

  private RunsOfEight runs;

  @BeforeClass
  public void start() throws Exception {
    runs = RunsOfEight.start();
  }

  @AfterClass(alwaysRun = true)
  public void stop() throws Exception {
    runs.close();
  }

  @Test
  public void fiftyKillsLeaveNoTrace() throws Exception {
    runs.cluster().run(List.of(), runs.pretrain("quiet", LENGTH));
    Random random = new Random(SEED);
    List<Integer> rounds = random.ints(KILLS, 1, ROUNDS - 2).sorted().boxed().toList();

    Process job = start(false);
    int drivers = 0;
    for (int round : rounds) {
      runs.awaitMoment("killed", job, round, random);
      if (random.nextBoolean()) {
        job.destroyForcibly().waitFor();
        drivers++;
        job = start(true);
      } else {
        List<ProcessHandle> executors = runs.awaitExecutors(job);
        executors.get(random.nextInt(executors.size())).destroyForcibly();
      }
    }
    Ended ended = TestCluster.end(job);

    runs.assertSame("killed", "quiet", ended);
    System.out.printf(
        "%d kills, %d of them of the driver, seed %d: %d rounds as in the quiet run%n",
        KILLS, drivers, SEED, runs.rounds("killed").size());
  }

  private Process start(boolean resumed) throws Exception {
    List<String> job = new ArrayList<>(runs.pretrain("killed", LENGTH));
    if (resumed) {
      job.add("--resume");
    }
    return runs.cluster().start(List.of(), job);
  }
}
