package dev.mien.spark.redundancy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;

/**
 * The order in which clips are chosen; a subset is a beginning of it. The leaders of all groups
 * come before their followers. Among either, people take turns, and so do the videos of a person,
 * in an order given by a hash of the seed and the name. A video gives its best clip first.
 */
final class Selection {

  private Selection() {}

  /** Positions of the ranked clips, in the order of choice. */
  static List<Integer> order(List<RankedClip> ranked, Grouping grouping, long seed) {
    List<Integer> leaders = new ArrayList<>();
    List<Integer> followers = new ArrayList<>();
    for (int clip = 0; clip < ranked.size(); clip++) {
      (grouping.leads(clip) ? leaders : followers).add(clip);
    }
    List<Integer> order = new ArrayList<>(inTurn(leaders, ranked, seed));
    order.addAll(inTurn(followers, ranked, seed));
    return order;
  }

  private static List<Integer> inTurn(List<Integer> clips, List<RankedClip> ranked, long seed) {
    // First a clip's turn in its video, then, among clips of equal turn, its turn in its person.
    Comparator<Turn> byTurn =
        Comparator.comparingInt(Turn::turn)
            .thenComparingLong(Turn::lot)
            .thenComparingInt(Turn::clip);
    List<Turn> ofVideos = turns(clips, ranked, RankedClip::videoId, seed);
    ofVideos.sort(byTurn);
    List<Turn> ofPeople =
        turns(ofVideos.stream().map(Turn::clip).toList(), ranked, RankedClip::person, seed);
    ofPeople.sort(byTurn);
    return ofPeople.stream().map(Turn::clip).toList();
  }

  private static List<Turn> turns(
      List<Integer> clips,
      List<RankedClip> ranked,
      Function<RankedClip, String> nameOf,
      long seed) {
    Map<String, Integer> taken = new HashMap<>();
    List<Turn> turns = new ArrayList<>(clips.size());
    for (int clip : clips) {
      String name = nameOf.apply(ranked.get(clip));
      turns.add(new Turn(clip, taken.merge(name, 1, Integer::sum), lot(seed, name)));
    }
    return turns;
  }

  private static long lot(long seed, String name) {
    return new SplittableRandom(31 * seed + name.hashCode()).nextLong();
  }

  private record Turn(int clip, int turn, long lot) {}
}
