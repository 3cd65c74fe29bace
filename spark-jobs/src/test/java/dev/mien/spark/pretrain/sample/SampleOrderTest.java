package dev.mien.spark.pretrain.sample;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.spark.dataset.clip.ClipEntry;
import dev.mien.spark.dataset.clip.ClipLocation;
import dev.mien.spark.dataset.clip.RowGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.testng.annotations.Test;

public class SampleOrderTest {

  private static final long SEED = 11;
  private static final int SPAN = 31;
  private static final int WINDOWS = 2;
  private static final int MIXED = 2;

  private final List<ClipEntry> clips = clips(6, 5);

  @Test
  public void anEpochHoldsEachClipAsOftenAsItHasWindows() {
    SampleOrder order = order(SEED);

    Map<String, Long> counts =
        order.samples(order.epochSize(), order.epochSize()).stream()
            .collect(Collectors.groupingBy(Sample::clipId, Collectors.counting()));

    assertThat(counts)
        .hasSize(clips.size())
        .allSatisfy((clip, n) -> assertThat(n).isEqualTo(WINDOWS));
  }

  @Test
  public void theOrderDependsOnTheSeedAndTheEpochAlone() {
    SampleOrder order = order(SEED);
    List<Sample> first = order.samples(0, order.epochSize());
    List<Sample> second = order.samples(order.epochSize(), order.epochSize());

    assertThat(order(SEED).samples(0, order.epochSize())).as("seed %d", SEED).isEqualTo(first);
    assertThat(second).isNotEqualTo(first);
    assertThat(order(SEED + 1).samples(0, order.epochSize())).isNotEqualTo(first);
  }

  @Test
  public void anyCutOfTheSequenceGivesTheSameSamples() {
    List<ClipEntry> uneven = new ArrayList<>(clips);
    uneven.removeIf(clip -> clip.location().rowGroup().position() * 2 < clip.location().row());
    SampleOrder order = new SampleOrder(uneven, SEED, SPAN, WINDOWS, MIXED);
    int total = 2 * order.epochSize() + 7;

    List<Sample> pieces = new ArrayList<>();
    for (int from = 0; from < total; from += 13) {
      pieces.addAll(order.samples(from, Math.min(13, total - from)));
    }

    assertThat(pieces)
        .isEqualTo(new SampleOrder(uneven, SEED, SPAN, WINDOWS, MIXED).samples(0, total));
    assertThat(pieces.subList(0, order.epochSize()).stream().map(Sample::clipId).distinct())
        .hasSameSizeAs(uneven);
  }

  @Test
  public void windowsLieInTheirClips() {
    SampleOrder order = order(SEED);
    Map<String, Integer> frames =
        clips.stream().collect(Collectors.toMap(ClipEntry::clipId, ClipEntry::frames));

    assertThat(order.samples(0, 20 * order.epochSize()))
        .allSatisfy(
            sample -> assertThat(sample.start()).isBetween(0, frames.get(sample.clipId()) - SPAN));
  }

  @Test
  public void aRowGroupIsReadOnceAnEpoch() {
    SampleOrder order = order(SEED);
    List<Sample> epoch = order.samples(0, order.epochSize());

    List<List<RowGroup>> mixes = new ArrayList<>();
    int mixSize = MIXED * 5 * WINDOWS;
    for (int from = 0; from < epoch.size(); from += mixSize) {
      mixes.add(
          epoch.subList(from, from + mixSize).stream()
              .map(sample -> sample.location().rowGroup())
              .distinct()
              .toList());
    }

    assertThat(mixes).allSatisfy(mix -> assertThat(mix).hasSize(MIXED));
    assertThat(mixes.stream().flatMap(List::stream)).doesNotHaveDuplicates();
  }

  @Test
  public void blocksHoldTheSamplesOfTheSequence() {
    SampleOrder order = order(SEED);

    List<List<Sample>> blocks = order.blocks(13, 2 * order.epochSize());

    assertThat(blocks.stream().flatMap(List::stream).toList())
        .isEqualTo(order.samples(13, 2 * order.epochSize()));
    assertThat(blocks).extracting(List::size).containsExactly(7, 20, 20, 20, 20, 20, 13);
  }

  @Test
  public void whoLooksAheadComesBack() {
    SampleOrder order = order(SEED);
    List<Sample> first = order.samples(0, order.epochSize());

    order.samples(3L * order.epochSize(), 1);

    assertThat(order.samples(0, order.epochSize())).isEqualTo(first);
  }

  private SampleOrder order(long seed) {
    return new SampleOrder(clips, seed, SPAN, WINDOWS, MIXED);
  }

  private static List<ClipEntry> clips(int rowGroups, int clipsPerRowGroup) {
    return IntStream.range(0, rowGroups * clipsPerRowGroup)
        .mapToObj(
            i ->
                new ClipEntry(
                    "clip" + i,
                    "track" + i,
                    "video",
                    null,
                    null,
                    SPAN + i,
                    new ClipLocation(
                        new RowGroup("file", i / clipsPerRowGroup), i % clipsPerRowGroup)))
        .toList();
  }
}
