package dev.mien.spark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.spark.TestCluster.Ended;
import java.util.List;
import java.util.Random;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * A run of a hundred rounds, by either way of averaging, of which fifty are cut short by killing
 * the driver, which is then resumed, or an executor, at moments that the seed has. Not part of the
 * tests: {@code mvn -Pchecks verify -Dit.test=RoundsSoak}.
 */
public class RoundsSoak extends RoundsFixture {

  private static final long SEED = 7;
  private static final int KILLS = 50;
  private static final int ROUNDS = 102;

  /** 12 clips, 4 windows, 16 samples a round: three rounds an epoch. */
  private static final String LENGTH = "training { epochs = 34, checkpoint-every = 3 }";

  /** Names of runs, and how they are averaged. */
  @DataProvider
  public Object[][] averaging() {
    return new Object[][] {
      {"kept", RunsOfEight.KEPT_MOMENTS}, {"averaged", RunsOfEight.AVERAGED_MOMENTS}
    };
  }

  @Test(dataProvider = "averaging")
  public void fiftyKillsLeaveNoTrace(String name, String averaging) throws Exception {
    String quiet = name + "-quiet";
    String killed = name + "-killed";
    Ended undisturbed = runs.cluster().run(List.of(), runs.pretrain(quiet, LENGTH, averaging));
    assertThat(undisturbed.exit()).as(undisturbed.said()).isZero();
    assertThat(runs.rounds(quiet)).hasSize(ROUNDS);
    Random random = new Random(SEED);
    List<Integer> rounds = random.ints(KILLS, 1, ROUNDS - 10).sorted().boxed().toList();

    Process job = runs.cluster().start(List.of(), runs.pretrain(killed, LENGTH, averaging));
    int drivers = 0;
    for (int round : rounds) {
      runs.awaitMoment(killed, job, round, random);
      if (random.nextBoolean()) {
        job.destroyForcibly().waitFor();
        drivers++;
        job = runs.startAgain(killed, LENGTH, averaging);
      } else {
        List<ProcessHandle> executors = runs.awaitExecutors(job);
        executors.get(random.nextInt(executors.size())).destroyForcibly();
      }
    }
    Ended ended = TestCluster.end(job);

    runs.assertSame(killed, quiet, ended);
    System.out.printf(
        "%s: %d kills, %d of them of the driver, seed %d: %d rounds as in the quiet run%n",
        name, KILLS, drivers, SEED, runs.rounds(killed).size());
  }
}
