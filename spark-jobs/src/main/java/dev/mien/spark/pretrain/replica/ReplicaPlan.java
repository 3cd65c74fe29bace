package dev.mien.spark.pretrain.replica;

import dev.mien.spark.dataset.clip.RowGroup;
import dev.mien.spark.pretrain.sample.Sample;
import java.util.ArrayList;
import java.util.List;

/**
 * One replica's share of a round: consecutive samples, in the order of the batches.
 *
 * @param next row groups with which its share of the following round begins
 */
public record ReplicaPlan(int replica, List<Sample> samples, List<RowGroup> next) {

  /**
   * Splits a round's samples into shares whose sizes differ by one at most; replica 0 gets the
   * first.
   */
  public static List<ReplicaPlan> share(List<Sample> samples, int replicas) {
    return share(samples, List.of(), replicas, 0);
  }

  /**
   * Splits a round's samples as {@link #share(List, int)} does, and names the row groups to read
   * ahead.
   *
   * @param following samples of the next round
   * @param mixed how many row groups are shuffled together, all of which a share needs from its
   *     start
   */
  public static List<ReplicaPlan> share(
      List<Sample> samples, List<Sample> following, int replicas, int mixed) {
    List<ReplicaPlan> plans = new ArrayList<>(replicas);
    for (int replica = 0; replica < replicas; replica++) {
      List<RowGroup> next =
          part(following, replica, replicas).stream()
              .map(sample -> sample.location().rowGroup())
              .distinct()
              .limit(mixed)
              .toList();
      plans.add(new ReplicaPlan(replica, List.copyOf(part(samples, replica, replicas)), next));
    }
    return plans;
  }

  private static List<Sample> part(List<Sample> samples, int replica, int replicas) {
    int from = (int) ((long) samples.size() * replica / replicas);
    int to = (int) ((long) samples.size() * (replica + 1) / replicas);
    return samples.subList(from, to);
  }
}
