package dev.mien.spark.pretrain;

import java.util.ArrayList;
import java.util.List;

/** One replica's share of a round: consecutive samples, in the order of the batches. */
public record ReplicaPlan(int replica, List<Sample> samples) {

  /** Deals a round's samples out, the first share to replica 0; shares differ by one at most. */
  static List<ReplicaPlan> share(List<Sample> samples, int replicas) {
    List<ReplicaPlan> plans = new ArrayList<>(replicas);
    for (int replica = 0; replica < replicas; replica++) {
      int from = (int) ((long) samples.size() * replica / replicas);
      int to = (int) ((long) samples.size() * (replica + 1) / replicas);
      plans.add(new ReplicaPlan(replica, List.copyOf(samples.subList(from, to))));
    }
    return plans;
  }
}
