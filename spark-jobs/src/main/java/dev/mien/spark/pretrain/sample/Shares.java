package dev.mien.spark.pretrain.sample;

import dev.mien.spark.dataset.clip.RowGroup;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Divides the samples of a round among its replicas. A share is whole row groups, but for those at
 * its ends, so that a row group is read by one replica and not by all whose samples follow each
 * other in its block. The samples of a share keep their shuffled order.
 */
public final class Shares {

  private Shares() {}

  /**
   * Shares whose sizes differ by one at most, the first replica's first. Every other round deals
   * them backwards: the block in which one round ends and the next begins stays with one replica.
   *
   * @param blocks of the round's samples, see {@link SampleOrder#blocks}
   * @param round number of rounds finished before
   */
  public static List<List<Sample>> deal(List<List<Sample>> blocks, int replicas, long round) {
    List<List<Sample>> shares = new ArrayList<>(replicas);
    IntStream.range(0, replicas).forEach(replica -> shares.add(new ArrayList<>()));
    long samples = blocks.stream().mapToLong(List::size).sum();
    int before = 0;
    for (List<Sample> block : blocks) {
      Map<RowGroup, Integer> places = firstPlaces(block, before);
      for (Sample sample : block) {
        int place = places.merge(rowGroup(sample), 1, Integer::sum) - 1;
        int share = (int) (((place + 1L) * replicas - 1) / samples);
        shares.get(round % 2 == 0 ? share : replicas - 1 - share).add(sample);
      }
      before += block.size();
    }
    return shares;
  }

  /** Where the samples of each row group begin when those of a block are sorted by row group. */
  private static Map<RowGroup, Integer> firstPlaces(List<Sample> block, int before) {
    SortedMap<RowGroup, Integer> counts = new TreeMap<>();
    block.forEach(sample -> counts.merge(rowGroup(sample), 1, Integer::sum));
    Map<RowGroup, Integer> places = new HashMap<>();
    int place = before;
    for (Map.Entry<RowGroup, Integer> rowGroup : counts.entrySet()) {
      places.put(rowGroup.getKey(), place);
      place += rowGroup.getValue();
    }
    return places;
  }

  private static RowGroup rowGroup(Sample sample) {
    return sample.location().rowGroup();
  }
}
