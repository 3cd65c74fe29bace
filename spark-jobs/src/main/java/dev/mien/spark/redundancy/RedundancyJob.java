package dev.mien.spark.redundancy;

import dev.mien.spark.dataset.ConcurrentPublicationException;
import dev.mien.spark.dataset.DerivedTable;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.run.CodeVersion;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;

/** Finds the near-duplicates of a dataset's newest version and stores their groups beside it. */
public final class RedundancyJob {

  /** Thresholds that the report compares; the last is the one asked for. */
  private static final int LEVELS = 5;

  private final SparkSession spark;

  public RedundancyJob(SparkSession spark) {
    this.spark = spark;
  }

  /**
   * Finds near-duplicates, and replaces the dataset's {@link NearDuplicates}.
   *
   * @param threshold bits by which two near-duplicates may differ
   * @throws IllegalArgumentException when there is no dataset, or no such threshold
   * @throws ConcurrentPublicationException when an erasure begins meanwhile; nothing is kept then
   * @throws IOException when groups that are not to be kept cannot be deleted
   */
  public RedundancyReport run(String datasetUri, int threshold) throws IOException {
    Thresholds.check(threshold);
    FaceVideoDataset dataset = FaceVideoDataset.open(spark, datasetUri);
    spark
        .sparkContext()
        .setJobDescription("Find near-duplicates in " + datasetUri + " at " + threshold + " bits");
    List<RankedClip> ranked = RankedClip.read(dataset);
    List<Grouping> groupings = Grouping.of(spark, ranked, levels(threshold));
    Grouping widest = groupings.get(groupings.size() - 1);
    List<List<Integer>> groups = groups(widest);

    RedundancyReport report =
        RedundancyReport.of(
            dataset.version().videos(),
            CodeVersion.current(),
            ranked.isEmpty() ? 0 : Long.SIZE * ranked.get(0).fingerprint().length,
            ranked,
            groupings,
            groups);
    // No file of the former groups stays, since no vacuum would look for it.
    NearDuplicates.delete(spark, datasetUri);
    new DerivedTable(spark, NearDuplicates.path(datasetUri))
        .keep(
            dataset,
            "the near-duplicates",
            () -> NearDuplicates.write(spark, datasetUri, report, rows(ranked, widest, groups)));
    return report;
  }

  /** Groups of at least two clips, the largest first, each with its leader first. */
  private static List<List<Integer>> groups(Grouping grouping) {
    Map<Integer, List<Integer>> byLeader = new TreeMap<>();
    for (int clip = 0; clip < grouping.size(); clip++) {
      if (!grouping.leads(clip)) { // most clips have no follower
        byLeader
            .computeIfAbsent(grouping.leaders()[clip], leader -> new ArrayList<>(List.of(leader)))
            .add(clip);
      }
    }
    return byLeader.values().stream()
        .sorted(Comparator.comparingInt((List<Integer> group) -> group.size()).reversed())
        .toList();
  }

  private static List<Row> rows(
      List<RankedClip> ranked, Grouping grouping, List<List<Integer>> groups) {
    List<Row> rows = new ArrayList<>();
    for (int number = 0; number < groups.size(); number++) {
      for (int position : groups.get(number)) {
        RankedClip clip = ranked.get(position);
        rows.add(
            RowFactory.create(
                clip.clipId(),
                clip.videoId(),
                clip.personId(),
                number,
                grouping.leads(position),
                grouping.distances()[position]));
      }
    }
    return rows;
  }

  private static List<Integer> levels(int threshold) {
    return IntStream.range(0, LEVELS)
        .map(level -> threshold * level / (LEVELS - 1))
        .distinct()
        .boxed()
        .toList();
  }
}
