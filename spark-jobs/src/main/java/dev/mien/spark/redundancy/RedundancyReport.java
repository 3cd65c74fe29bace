package dev.mien.spark.redundancy;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How much of a dataset version is redundant.
 *
 * @param datasetVersion of the {@code videos} table
 * @param code version of Mien that found it
 * @param bits of a fingerprint
 * @param levels in ascending order of their thresholds; the groups of the last one are stored
 * @param largest groups of the last level, the largest first
 */
public record RedundancyReport(
    long datasetVersion,
    String code,
    int bits,
    long clips,
    List<Level> levels,
    List<Group> largest) {

  private static final int LARGEST = 10;

  public RedundancyReport {
    levels = List.copyOf(levels);
    largest = List.copyOf(largest);
  }

  /**
   * What is redundant at one threshold.
   *
   * @param withinVideo redundant clips whose leader is of the same video
   * @param acrossVideos redundant clips whose leader is of another video of the same person
   * @param acrossPeople redundant clips whose leader is said to show another person
   * @param groups of at least two clips
   */
  public record Level(
      int threshold, long withinVideo, long acrossVideos, long acrossPeople, long groups) {

    public long redundant() {
      return withinVideo + acrossVideos + acrossPeople;
    }
  }

  /** The size of a group, without names. */
  public record Group(int number, long clips, long videos, long people) {}

  static RedundancyReport of(
      long datasetVersion,
      String code,
      int bits,
      List<RankedClip> ranked,
      List<Grouping> groupings,
      List<List<Integer>> groups) {
    return new RedundancyReport(
        datasetVersion,
        code,
        bits,
        ranked.size(),
        groupings.stream().map(grouping -> level(ranked, grouping)).toList(),
        largest(ranked, groups));
  }

  /** The report in a few lines for a person. */
  public String text() {
    StringBuilder text = new StringBuilder();
    text.append(String.format(Locale.ROOT, "%,d clips, fingerprints of %d bits%n", clips, bits));
    text.append(
        String.format(
            "%9s %10s %7s %12s %13s %13s %9s%n",
            "threshold",
            "redundant",
            "share",
            "within video",
            "across videos",
            "across people",
            "groups"));
    for (Level level : levels) {
      text.append(
          String.format(
              Locale.ROOT,
              "%9d %,10d %5.1f %% %,12d %,13d %,13d %,9d%n",
              level.threshold(),
              level.redundant(),
              clips == 0 ? 0.0 : 100.0 * level.redundant() / clips,
              level.withinVideo(),
              level.acrossVideos(),
              level.acrossPeople(),
              level.groups()));
    }
    for (Group group : largest) {
      text.append(
          String.format(
              Locale.ROOT,
              "group %d: %,d clips of %,d videos and %,d people%n",
              group.number(),
              group.clips(),
              group.videos(),
              group.people()));
    }
    return text.toString();
  }

  private static Level level(List<RankedClip> ranked, Grouping grouping) {
    long withinVideo = 0;
    long acrossVideos = 0;
    long acrossPeople = 0;
    boolean[] followed = new boolean[ranked.size()];
    long groups = 0;
    for (int i = 0; i < ranked.size(); i++) {
      if (grouping.leads(i)) {
        continue;
      }
      RankedClip clip = ranked.get(i);
      RankedClip leader = ranked.get(grouping.leaders()[i]);
      if (clip.videoId().equals(leader.videoId())) {
        withinVideo++;
      } else if (clip.person().equals(leader.person())) {
        acrossVideos++;
      } else {
        acrossPeople++;
      }
      groups += followed[grouping.leaders()[i]] ? 0 : 1;
      followed[grouping.leaders()[i]] = true;
    }
    return new Level(grouping.threshold(), withinVideo, acrossVideos, acrossPeople, groups);
  }

  private static List<Group> largest(List<RankedClip> ranked, List<List<Integer>> groups) {
    List<Group> largest = new ArrayList<>();
    for (int number = 0; number < Math.min(LARGEST, groups.size()); number++) {
      List<RankedClip> clips = groups.get(number).stream().map(ranked::get).toList();
      largest.add(
          new Group(
              number,
              clips.size(),
              clips.stream().map(RankedClip::videoId).distinct().count(),
              clips.stream().map(RankedClip::person).distinct().count()));
    }
    return largest;
  }
}
