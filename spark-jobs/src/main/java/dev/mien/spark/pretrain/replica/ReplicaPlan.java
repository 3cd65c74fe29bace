package dev.mien.spark.pretrain.replica;

import dev.mien.spark.dataset.clip.RowGroup;
import dev.mien.spark.pretrain.sample.Sample;
import java.util.List;
import java.util.stream.IntStream;

/**
 * One replica's share of a round: its samples, in the order of the batches.
 *
 * @param next row groups with which its share of the following round begins
 */
public record ReplicaPlan(int replica, List<Sample> samples, List<RowGroup> next) {

  /**
   * The plans of a round.
   *
   * @param shares of the replicas
   * @param following their shares of the next round; empty when there is none
   * @param mixed how many row groups are shuffled together, all of which a share needs from its
   *     start
   */
  public static List<ReplicaPlan> of(
      List<List<Sample>> shares, List<List<Sample>> following, int mixed) {
    return IntStream.range(0, shares.size())
        .mapToObj(
            replica ->
                new ReplicaPlan(replica, shares.get(replica), first(following.get(replica), mixed)))
        .toList();
  }

  private static List<RowGroup> first(List<Sample> samples, int most) {
    return samples.stream()
        .map(sample -> sample.location().rowGroup())
        .distinct()
        .limit(most)
        .toList();
  }
}
