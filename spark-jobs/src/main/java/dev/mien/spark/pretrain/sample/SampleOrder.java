package dev.mien.spark.pretrain.sample;

import dev.mien.spark.dataset.clip.ClipEntry;
import dev.mien.spark.dataset.clip.RowGroup;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The endless sequence of samples of a run, a pure function of (clips of a dataset version, seed,
 * epoch). An epoch takes the row groups in random order and shuffles the windows of a few of them
 * together, so that each row group is read once and neighbouring samples still come from many
 * videos. Samples are drawn only when asked for: those of millions of clips take no memory.
 */
public final class SampleOrder {

  private static final int BLOCKS_AT_HAND = 3;

  private final List<List<ClipEntry>> rowGroups;
  private final long seed;
  private final int windowSpan;
  private final int windowsPerClip;
  private final int rowGroupsMixed;
  private final int epochSize;
  private final SortedMap<Long, Epoch> epochsAtHand = new TreeMap<>();

  /** The blocks drawn last, since a round and the look ahead may begin and end inside one. */
  private final Map<Block, List<Sample>> blocksAtHand =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Block, List<Sample>> eldest) {
          return size() > BLOCKS_AT_HAND;
        }
      };

  /**
   * The sequence of a run.
   *
   * @param clips each with at least {@code windowSpan} frames, in the index's order
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

  /**
   * The row groups in an epoch's order.
   *
   * @param begins index of the first sample of each block
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Epoch(List<List<ClipEntry>> order, int[] begins) {

    /** The block that a sample lies in. */
    int block(int sample) {
      int found = Arrays.binarySearch(begins, sample);
      return found >= 0 ? found : -found - 2;
    }
  }

  /** The row groups of an epoch that are shuffled together. */
  private record Block(long epoch, int number) {}

  /** Number of samples in an epoch. */
  public int epochSize() {
    return epochSize;
  }

  /** The samples {@code [from, from + count)} of the sequence, which may span epochs. */
  public List<Sample> samples(long from, int count) {
    return blocks(from, count).stream().flatMap(List::stream).toList();
  }

  /** The same samples, those of each block of row groups that are shuffled together in one list. */
  public List<List<Sample>> blocks(long from, int count) {
    List<List<Sample>> blocks = new ArrayList<>();
    long next = from;
    while (next < from + count) {
      Epoch epoch = epoch(next / epochSize);
      int inEpoch = (int) (next % epochSize);
      int block = epoch.block(inEpoch);
      List<Sample> mixed =
          blocksAtHand.computeIfAbsent(new Block(next / epochSize, block), this::draw);
      int begin = inEpoch - epoch.begins()[block];
      int end = (int) Math.min(mixed.size(), begin + (from + count - next));
      blocks.add(List.copyOf(mixed.subList(begin, end)));
      next += end - begin;
    }
    return blocks;
  }

  private Epoch epoch(long number) {
    // The look ahead may enter the next epoch, so the neighbouring epochs are kept.
    epochsAtHand.keySet().removeIf(kept -> Math.abs(kept - number) > 1);
    return epochsAtHand.computeIfAbsent(number, this::deal);
  }

  private Epoch deal(long epoch) {
    List<List<ClipEntry>> order = new ArrayList<>(rowGroups);
    Collections.shuffle(order, new Random(Seeds.derive(seed, "row groups", epoch)));
    int[] begins = new int[(order.size() + rowGroupsMixed - 1) / rowGroupsMixed];
    int samples = 0;
    for (int i = 0; i < order.size(); i++) {
      if (i % rowGroupsMixed == 0) {
        begins[i / rowGroupsMixed] = samples;
      }
      samples += order.get(i).size() * windowsPerClip;
    }
    return new Epoch(order, begins);
  }

  private List<Sample> draw(Block block) {
    List<List<ClipEntry>> order = epoch(block.epoch()).order();
    int from = block.number() * rowGroupsMixed;
    int to = Math.min(order.size(), from + rowGroupsMixed);
    return mixed(order.subList(from, to), block.epoch(), from);
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
