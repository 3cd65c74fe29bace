package dev.mien.spark.forget;

import static org.apache.spark.sql.functions.col;

import dev.mien.spark.dataset.ConcurrentPublicationException;
import dev.mien.spark.dataset.Erasure;
import dev.mien.spark.dataset.ErasureMark;
import dev.mien.spark.dataset.Purge;
import dev.mien.spark.forget.ForgetReport.Stage;
import dev.mien.spark.progress.FirstLine;
import dev.mien.spark.redundancy.NearDuplicates;
import dev.mien.spark.redundancy.Subset;
import io.delta.exceptions.DeltaConcurrentModificationException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.SparkSession;

/**
 * Erases a person or a video from a dataset and from what was derived from it.
 *
 * <p>The order of the steps lets a killed erasure be finished by running it again: first a
 * tombstone, so that nothing comes back; then a search for everything that the dataset's rows lead
 * to; then those rows, in one commit; and last the bytes of all earlier versions. Until it is done
 * an {@link ErasureMark} keeps others from publishing. A run that looked for the mark before it was
 * set may still publish: the subject is then searched for again in what it published.
 */
public final class ForgetJob {

  /** How often an erasure is tried; one fails only when another run has published first. */
  private static final int ATTEMPTS = 20;

  private final SparkSession spark;
  private final String datasetUri;
  private final List<String> embeddings;
  private final List<String> runs;

  /**
   * @param embeddings URIs of embeddings tables that may hold the subject
   * @param runs URIs of runs that may have been trained on the subject
   */
  public ForgetJob(
      SparkSession spark, String datasetUri, List<String> embeddings, List<String> runs) {
    this.spark = spark;
    this.datasetUri = datasetUri;
    this.embeddings = List.copyOf(embeddings);
    this.runs = List.copyOf(runs);
  }

  /**
   * Says what {@link #run} would erase.
   *
   * @throws IllegalArgumentException when the dataset or a table is not there, or holds nothing of
   *     the subject
   */
  public ForgetReport plan(Subject subject) throws IOException {
    return report(find(subject), Stage.PLANNED);
  }

  /**
   * Erases the subject, and all videos with the same bytes as one of the subject's. None of them is
   * taken in again, under any name.
   *
   * @throws IllegalArgumentException as {@link #plan} does
   * @throws ConcurrentPublicationException when something else is being erased, or other runs keep
   *     publishing; it can be tried again
   */
  public ForgetReport run(Subject subject) throws IOException {
    Holdings found = find(subject);
    new Erasure(spark, found.dataset()).requirePossible();
    ForgetReport report = report(found, Stage.DONE);
    ErasureMark mark = ErasureMark.set(spark, datasetUri, subject.name());

    for (int attempt = 1; !erase(subject, found, attempt); attempt++) {
      found = find(subject);
      report = report(found, Stage.DONE).after(report);
    }
    mark.remove();
    return report;
  }

  private Holdings find(Subject subject) throws IOException {
    return Holdings.of(subject, spark, datasetUri, embeddings);
  }

  /** Erases what was found; returns false when another run published first. */
  private boolean erase(Subject subject, Holdings found, int attempt) throws IOException {
    spark.sparkContext().setJobDescription("Forget " + found.uris().size() + " videos");
    List<String> tombstones = new ArrayList<>(List.of(subject.name()));
    found.copies().forEach(uri -> tombstones.add(new Subject.Video(uri).name()));
    found.hashes().forEach(hash -> tombstones.add(Forgotten.content(hash)));
    found.videoIds().forEach(id -> tombstones.add(Forgotten.stored(id)));
    try {
      Forgotten.add(spark, datasetUri, subject, tombstones);
      // Searched again: runs that did not see the mark may have written some since.
      for (String table : Holdings.tables(spark, datasetUri, embeddings)) {
        Purge.rows(spark, table, found.rows());
      }
      Subset.deleteUnfinished(spark, datasetUri);
      NearDuplicates.delete(spark, datasetUri);
      new Erasure(spark, found.dataset()).run(found.uris(), found.videoIds());
      return true;
    } catch (ConcurrentPublicationException | DeltaConcurrentModificationException e) {
      if (attempt == ATTEMPTS) {
        throw e;
      }
      System.out.println(FirstLine.of(e) + "; trying again");
      return false;
    }
  }

  /**
   * Allows the next preprocessing to take the subject in again.
   *
   * @throws IllegalArgumentException when the subject is not forgotten
   * @throws ConcurrentPublicationException while something is being erased, since a killed erasure
   *     can only be finished for a subject that is forgotten
   */
  public void lift(Subject subject) {
    ErasureMark.check(spark, datasetUri);
    if (!Forgotten.remove(spark, datasetUri, subject)) {
      throw new IllegalArgumentException(
          "Dataset " + datasetUri + " has not forgotten " + subject.name());
    }
  }

  private ForgetReport report(Holdings found, Stage stage) throws IOException {
    Column ofVideos = col("video_id").isin(found.videoIds().toArray());
    List<ForgetReport.Store> stores = new ArrayList<>();
    for (String table : found.tables()) {
      stores.add(
          new ForgetReport.Store(
              table, spark.read().format("delta").load(table).where(found.rows()).count()));
    }
    TrainedRuns trained = new TrainedRuns(spark, found.dataset(), found.videoIds());
    List<String> described = new ArrayList<>();
    for (String run : runs) {
      described.add(trained.describe(run));
    }
    return new ForgetReport(
        stage,
        found.uris(),
        found.dataset().tracks().where(ofVideos).count(),
        found.dataset().clips().where(ofVideos).count(),
        stores,
        described);
  }
}
