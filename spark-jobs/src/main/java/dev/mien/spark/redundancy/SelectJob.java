package dev.mien.spark.redundancy;

import dev.mien.spark.dataset.ConcurrentPublicationException;
import dev.mien.spark.dataset.DerivedTable;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.run.CodeVersion;
import java.io.IOException;
import java.util.List;
import org.apache.spark.sql.SparkSession;

/** Chooses clips of a dataset's newest version and records them under a name. */
public final class SelectJob {

  private final SparkSession spark;

  public SelectJob(SparkSession spark) {
    this.spark = spark;
  }

  /**
   * Records a subset, which is the same for the same dataset version and options.
   *
   * @throws IllegalArgumentException when there is no dataset, or the name is taken or invalid
   * @throws ConcurrentPublicationException when an erasure begins meanwhile; nothing is kept then
   * @throws IOException when a subset that is not to be kept cannot be deleted
   */
  public Subset run(String datasetUri, String name, SubsetOptions options) throws IOException {
    FaceVideoDataset dataset = FaceVideoDataset.open(spark, datasetUri);
    Subset.checkFree(spark, datasetUri, name);
    spark.sparkContext().setJobDescription("Select clips of " + datasetUri + " as " + name);
    List<RankedClip> ranked = RankedClip.read(dataset);
    if (ranked.isEmpty()) {
      throw new IllegalArgumentException("Dataset " + datasetUri + " has no clips to select from");
    }
    Grouping grouping = Grouping.of(spark, ranked, List.of(options.threshold())).get(0);
    int kept =
        options.keepFraction() == 0
            ? ranked.size() - grouping.redundant()
            : options.kept(ranked.size());
    List<RankedClip> chosen =
        Selection.order(ranked, grouping, options.seed()).subList(0, kept).stream()
            .map(ranked::get)
            .toList();

    Subset subset =
        new Subset(
            name,
            dataset.version().videos(),
            options,
            chosen.size(),
            ranked.size(),
            chosen.stream().map(RankedClip::person).distinct().count(),
            chosen.stream().map(RankedClip::videoId).distinct().count(),
            CodeVersion.current());
    new DerivedTable(spark, Subset.path(datasetUri, name))
        .keep(dataset, "subset " + name, () -> subset.write(spark, datasetUri, chosen));
    return subset;
  }
}
