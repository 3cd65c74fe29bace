package dev.mien.spark.pretrain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

public class ReplicaCoresTest {

  /** Executors, replicas and a task's cores of which no even share would use more. */
  @DataProvider
  public Object[][] busy() {
    return new Object[][] {
      {List.of(8), 1, 8},
      {List.of(8), 8, 1},
      {List.of(8), 5, 1},
      {List.of(1, 1), 8, 1},
      {List.of(8, 8), 2, 8},
      {List.of(16, 16), 2, 16},
      {List.of(4, 4, 4), 4, 2},
      {List.of(5, 5), 3, 2},
      {List.of(), 2, 1},
    };
  }

  @Test(dataProvider = "busy")
  public void whoUsesTheCoresIsToldNothing(List<Integer> executors, int replicas, int ofTask) {
    assertThat(new ReplicaCores(executors, replicas, ofTask).idle()).isEmpty();
  }

  @Test
  public void whoLeavesCoresIdleIsToldWhatToSet() {
    assertThat(new ReplicaCores(List.of(8), 2, 1).idle())
        .contains(
            "Of the executors' 8 cores training uses 2: training.replicas = 2, each by the"
                + " spark.task.cpus = 1 of its task (set spark.task.cpus to 4)");
    assertThat(new ReplicaCores(List.of(8, 8), 1, 4).idle())
        .as("no task has cores of two executors")
        .hasValueSatisfying(told -> assertThat(told).endsWith("(set spark.task.cpus to 8)"));
    assertThat(new ReplicaCores(List.of(4, 4, 4), 4, 1).idle())
        .as("with three, one replica would wait for another's cores")
        .hasValueSatisfying(told -> assertThat(told).endsWith("(set spark.task.cpus to 2)"));
  }
}
