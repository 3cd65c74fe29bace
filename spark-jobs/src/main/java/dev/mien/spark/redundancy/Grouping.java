package dev.mien.spark.redundancy;

import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;

/**
 * Clips grouped by a greedy rule: the best clip leads, every clip near it without a better leader
 * joins it, then the best clip left leads, and so on. Whoever keeps only the leaders has, for each
 * dropped clip, one within the threshold. Connected components would not guarantee that: a person
 * who turns slowly is one component, whose ends look nothing alike.
 *
 * @param threshold bits by which a clip may differ from its leader
 * @param leaders for each ranked clip the position of its leader; a leader's is its own
 * @param distances bits between each clip and its leader
 */
@SuppressWarnings("ArrayRecordComponent") // bulk data: handed over, not compared
record Grouping(int threshold, int[] leaders, int[] distances) {

  /**
   * The groups at several thresholds, found by one search for pairs.
   *
   * @param ranked clips, the best first
   * @param thresholds in ascending order
   */
  static List<Grouping> of(SparkSession spark, List<RankedClip> ranked, List<Integer> thresholds) {
    // Clips of one fingerprint, as of black frames, are near the same others: only the best of
    // them, which comes first, is compared.
    int[] first = new int[ranked.size()];
    List<Integer> distinct = distinct(ranked, first);
    Fingerprints fingerprints =
        Fingerprints.of(distinct.stream().map(clip -> ranked.get(clip).fingerprint()).toList());
    List<Grouping> groupings =
        thresholds.stream().map(threshold -> alone(threshold, ranked.size())).toList();

    int widest = thresholds.get(thresholds.size() - 1);
    if (widest > 0 && fingerprints.size() > 1) {
      NearPairs.forEach(
          spark,
          fingerprints,
          widest,
          (better, worse, bits) ->
              groupings.forEach(
                  grouping -> grouping.meet(distinct.get(better), distinct.get(worse), bits)));
    }

    groupings.forEach(grouping -> grouping.joinAlike(first));
    return groupings;
  }

  int size() {
    return leaders.length;
  }

  boolean leads(int clip) {
    return leaders[clip] == clip;
  }

  /** The number of clips with a leader other than themselves. */
  int redundant() {
    int redundant = 0;
    for (int clip = 0; clip < size(); clip++) {
      redundant += leads(clip) ? 0 : 1;
    }
    return redundant;
  }

  private static Grouping alone(int threshold, int clips) {
    int[] leaders = new int[clips];
    Arrays.setAll(leaders, clip -> clip);
    return new Grouping(threshold, leaders, new int[clips]);
  }

  /**
   * Takes a pair of near clips. Pairs come in the order of their better clips, so whether that clip
   * leads is known by then.
   */
  private void meet(int better, int worse, int distance) {
    if (distance <= threshold && leads(better) && leads(worse)) {
      leaders[worse] = better;
      distances[worse] = distance;
    }
  }

  /** Gives clips the leader of the first clip with the same fingerprint. */
  private void joinAlike(int[] first) {
    for (int clip = 0; clip < size(); clip++) {
      if (first[clip] != clip) {
        leaders[clip] = leaders[first[clip]];
        distances[clip] = distances[first[clip]];
      }
    }
  }

  /**
   * Positions of the clips that are the first with their fingerprint; {@code first} receives that
   * position for every clip.
   */
  private static List<Integer> distinct(List<RankedClip> ranked, int[] first) {
    Map<LongBuffer, Integer> seen = new HashMap<>();
    List<Integer> distinct = new ArrayList<>();
    for (int clip = 0; clip < ranked.size(); clip++) {
      Integer before = seen.putIfAbsent(LongBuffer.wrap(ranked.get(clip).fingerprint()), clip);
      first[clip] = before == null ? clip : before;
      if (before == null) {
        distinct.add(clip);
      }
    }
    return distinct;
  }
}
