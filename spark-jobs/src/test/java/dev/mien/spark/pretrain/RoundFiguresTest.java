package dev.mien.spark.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mien.spark.pretrain.replica.ReplicaReceipt;
import java.util.List;
import java.util.Map;
import org.testng.annotations.Test;

public class RoundFiguresTest {

  @Test
  public void replicasAtOnceTakeTheTimeOfTheLongest() {
    assertThat(busiest(at("one", 10, 14), at("one", 11, 15), at("one", 12, 13)))
        .isCloseTo(5, within(1e-9));
  }

  @Test
  public void replicasOneAfterAnotherTakeTheTimeOfAllWithoutThatBetweenThem() {
    assertThat(busiest(at("one", 20, 23), at("one", 10, 14), at("two", 0, 5)))
        .as("4 and 3 of the first executor, 5 of the second")
        .isCloseTo(7, within(1e-9));
  }

  private static double busiest(ReplicaReceipt... receipts) {
    return RoundFigures.busiest(List.of(receipts));
  }

  /** A replica at work from one second to another of its executor's clock. */
  private static ReplicaReceipt at(String executor, long from, long to) {
    long second = 1_000_000_000;
    return new ReplicaReceipt(
        0, executor, "", 1, 0, "", 0, 0, 0, 0, to - from, 0, from * second, to * second, Map.of());
  }
}
