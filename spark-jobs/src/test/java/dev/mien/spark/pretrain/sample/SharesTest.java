package dev.mien.spark.pretrain.sample;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.spark.dataset.clip.ClipEntry;
import dev.mien.spark.dataset.clip.ClipLocation;
import dev.mien.spark.dataset.clip.RowGroup;
import dev.mien.spark.pretrain.replica.ReplicaPlan;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

public class SharesTest {

  private static final long SEED = 7;
  private static final int ROW_GROUPS = 640;
  private static final int CLIPS = 18;
  private static final int MIXED = 16;

  private final SampleOrder order = new SampleOrder(clips(), SEED, 31, 1, MIXED);

  /** Replicas, and samples of each in a round. */
  @DataProvider
  public Object[][] rounds() {
    return new Object[][] {{1, 320}, {2, 320}, {8, 320}, {32, 320}, {8, 16}, {3, 1601}, {5, 1}};
  }

  @Test(dataProvider = "rounds")
  public void everySampleIsInOneShareInTheOrderOfTheRound(int replicas, int size) {
    for (long round : new long[] {0, 1}) {
      List<Sample> samples = order.samples(round * replicas * size, replicas * size);
      List<List<Sample>> shares =
          Shares.deal(order.blocks(round * replicas * size, replicas * size), replicas, round);

      assertThat(shares).hasSize(replicas).allSatisfy(share -> assertThat(share).hasSize(size));
      assertThat(shares.stream().flatMap(Collection::stream))
          .containsExactlyInAnyOrderElementsOf(samples);
      assertThat(shares)
          .allSatisfy(
              share ->
                  assertThat(share)
                      .isEqualTo(samples.stream().filter(new HashSet<>(share)::contains).toList()));
    }
  }

  @Test
  public void sharesOfWhatIsLeftDifferByOneAtMost() {
    assertThat(Shares.deal(order.blocks(40, 11), 4, 0))
        .extracting(List::size)
        .containsExactlyInAnyOrder(2, 3, 3, 3);
    assertThat(Shares.deal(List.of(), 3, 0)).isEqualTo(List.of(List.of(), List.of(), List.of()));
  }

  /** Replicas, steps of 16 clips in a round, and how often a row group may be read in an epoch. */
  @DataProvider
  public Object[][] reads() {
    return new Object[][] {{2, 20, 1.05}, {8, 20, 1.1}, {8, 50, 1.05}, {32, 20, 1.12}};
  }

  @Test(dataProvider = "reads")
  public void aRowGroupIsReadByOneReplicaAnEpoch(int replicas, int steps, double most) {
    int size = replicas * steps * 16;
    long read = 0;
    Set<Read> former = Set.of();
    for (int round = 0; (long) round * size < order.epochSize(); round++) {
      int from = round * size;
      List<List<Sample>> shares =
          Shares.deal(
              order.blocks(from, Math.min(size, order.epochSize() - from)), replicas, round);
      Set<Read> reads = new HashSet<>();
      for (int replica = 0; replica < replicas; replica++) {
        for (Sample sample : shares.get(replica)) {
          reads.add(new Read(replica, sample.location().rowGroup()));
        }
      }
      Set<Read> kept = former;
      read += reads.stream().filter(one -> !kept.contains(one)).count();
      former = reads;
    }

    assertThat((double) read / ROW_GROUPS).as("seed %d", SEED).isBetween(1.0, most);
  }

  private record Read(int replica, RowGroup rowGroup) {}

  @Test
  public void aPlanNamesTheRowGroupsThatItsNextShareBeginsWith() {
    List<List<Sample>> following = Shares.deal(order.blocks(640, 640), 2, 1);

    List<ReplicaPlan> plans = ReplicaPlan.of(Shares.deal(order.blocks(0, 640), 2, 0), following, 3);

    assertThat(plans).extracting(ReplicaPlan::replica).containsExactly(0, 1);
    for (ReplicaPlan plan : plans) {
      List<RowGroup> needed =
          following.get(plan.replica()).stream()
              .map(sample -> sample.location().rowGroup())
              .distinct()
              .toList();
      assertThat(plan.next()).hasSize(3).isEqualTo(needed.subList(0, 3));
    }
  }

  private static List<ClipEntry> clips() {
    return IntStream.range(0, ROW_GROUPS * CLIPS)
        .mapToObj(
            i ->
                new ClipEntry(
                    "clip" + i,
                    "track" + i,
                    "video",
                    null,
                    null,
                    64,
                    new ClipLocation(new RowGroup("file", i / CLIPS), i % CLIPS)))
        .toList();
  }
}
