package dev.mien.spark.pretrain.sample;

import dev.mien.spark.dataset.ClipEntry;
import dev.mien.spark.dataset.RowGroup;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The endless sequence of samples of a run, a pure function of (clips of a dataset version, seed,
 * epoch). An epoch deals the row groups out in random order and shuffles the windows of a few of
 * them together, so that each is read once and near samples still come from many videos.
 */
public final class SampleOrder {

  private final List<List<ClipEntry>> rowGroups;
  private final long seed;
  private final int windowSpan;
  private final int windowsPerClip;
  private final int rowGroupsMixed;
  private final int epochSize;
  private final SortedMap<Long, List<Sample>> epochsAtHand = new TreeMap<>();

  /**
   * The sequence of a run.
   *
   * @param clips all of which have at least {@code windowSpan} frames, in the index's order
   * @param windowSpan frames from a window's first to its last, both counted
   * @param windowsPerClip windows drawn from a clip in an epoch
   * @param rowGroupsMixed row groups that are shuffled together
   */
  public SampleOrder(
      List<ClipEntry> clips, long seed, int windowSpan, int windowsPerClip, int rowGroupsMixed) {
    SortedMap<RowGroup, List<ClipEntry>> byRowGroup =
        clips.stream()
            .collect(
                Collectors.groupingBy(
                    clip -> clip.location().rowGroup(), TreeMap::new, Collectors.toList()));
    this.rowGroups = List.copyOf(byRowGroup.values());
    this.seed = seed;
    this.windowSpan = windowSpan;
    this.windowsPerClip = windowsPerClip;
    this.rowGroupsMixed = rowGroupsMixed;
    this.epochSize = Math.multiplyExact(clips.size(), windowsPerClip);
  }

  /** Samples in an epoch. */
  public int epochSize() {
    return epochSize;
  }

  /** Samples {@code [from, from + count)} of the sequence, over the ends of epochs. */
  public List<Sample> samples(long from, int count) {
    List<Sample> samples = new ArrayList<>(count);
    for (long i = from; i < from + count; i++) {
      samples.add(epoch(i / epochSize).get((int) (i % epochSize)));
    }
    return samples;
  }

  private List<Sample> epoch(long epoch) {
    // Looking a round ahead may enter the next epoch, so its neighbours are kept.
    epochsAtHand.keySet().removeIf(kept -> Math.abs(kept - epoch) > 1);
    return epochsAtHand.computeIfAbsent(epoch, this::draw);
  }

  private List<Sample> draw(long epoch) {
    List<List<ClipEntry>> order = new ArrayList<>(rowGroups);
    Collections.shuffle(order, new Random(Seeds.derive(seed, "row groups", epoch)));

    List<Sample> samples = new ArrayList<>(epochSize);
    for (int from = 0; from < order.size(); from += rowGroupsMixed) {
      int to = Math.min(order.size(), from + rowGroupsMixed);
      samples.addAll(mixed(order.subList(from, to), epoch, from));
    }
    return samples;
  }

  private List<Sample> mixed(List<List<ClipEntry>> rowGroups, long epoch, int position) {
    List<Sample> samples = new ArrayList<>();
    for (List<ClipEntry> rowGroup : rowGroups) {
      for (ClipEntry clip : rowGroup) {
        for (int window = 0; window < windowsPerClip; window++) {
          samples.add(draw(clip, epoch, window));
        }
      }
    }
    Collections.shuffle(samples, new Random(Seeds.derive(seed, "samples", epoch, position)));
    return samples;
  }

  private Sample draw(ClipEntry clip, long epoch, int window) {
    Random random = new Random(Seeds.derive(seed, "window", epoch, clip.clipId(), window));
    int start = random.nextInt(clip.frames() - windowSpan + 1);
    return new Sample(
        clip.clipId(),
        clip.location(),
        start,
        Seeds.derive(seed, "mask", epoch, clip.clipId(), window));
  }
}
