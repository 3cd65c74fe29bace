package dev.mien.spark.forget;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.not;

import dev.mien.spark.dataset.ConcurrentPublicationException;
import dev.mien.spark.dataset.Erasure;
import dev.mien.spark.dataset.ErasureMark;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.Purge;
import dev.mien.spark.dataset.Reasons;
import dev.mien.spark.embed.EmbeddingsTable;
import dev.mien.spark.redundancy.NearDuplicates;
import dev.mien.spark.redundancy.Subset;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Erases a person or a video from a dataset and from what was made of it.
 *
 * <p>The order makes a killed erasure one that is finished by running it again: a tombstone first,
 * so that nothing comes back; then what is found by the dataset's rows; those rows, by one commit;
 * and last the bytes of all earlier versions. Until it is done an {@link ErasureMark} keeps others
 * from publishing. A run that looked for the mark before it was there may publish still: the
 * subject is then looked for again in what it published.
 */
public final class ForgetJob {

  /** Attempts to erase, each of which another run must have come before to fail. */
  private static final int ATTEMPTS = 20;

  /** Where preprocessing keeps what it said of each run. */
  private static final String SUMMARIES = "summaries";

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
    return report(find(subject), false);
  }

  /**
   * Erases the subject, and whatever videos have the same bytes as one of the subject's. None of
   * them is taken in again, under any name.
   *
   * @throws IllegalArgumentException as {@link #plan} does
   * @throws ConcurrentPublicationException when another is being erased, or others publish at the
   *     same time, again and again; it can be tried again
   */
  public ForgetReport run(Subject subject) throws IOException {
    Found found = find(subject);
    new Erasure(spark, found.dataset()).requirePossible();
    ForgetReport report = report(found, true);
    ErasureMark mark = ErasureMark.set(spark, datasetUri, subject.name());

    for (int attempt = 1; !erase(subject, found, attempt); attempt++) {
      found = find(subject);
      report = report(found, true).after(report);
    }
    mark.remove();
    return report;
  }

  /** Says whether it did, or another run published first. */
  private boolean erase(Subject subject, Found found, int attempt) throws IOException {
    spark.sparkContext().setJobDescription("Forget " + found.uris().size() + " videos");
    List<String> tombstones = new ArrayList<>(List.of(subject.name()));
    found.copies().forEach(uri -> tombstones.add(new Subject.Video(uri).name()));
    found.hashes().forEach(hash -> tombstones.add(Forgotten.content(hash)));
    found.videoIds().forEach(id -> tombstones.add(Forgotten.stored(id)));
    Forgotten.add(spark, datasetUri, subject, tombstones);
    // Looked for again: who did not see the mark may have made some since.
    for (String table : tables()) {
      Purge.rows(spark, table, found.rows());
    }
    Subset.deleteUnfinished(spark, datasetUri);
    NearDuplicates.delete(spark, datasetUri);
    deleteSummaries(subject, found);
    try {
      new Erasure(spark, found.dataset()).run(found.uris(), found.videoIds());
      return true;
    } catch (ConcurrentPublicationException e) {
      if (attempt == ATTEMPTS) {
        throw e;
      }
      System.out.println(e.getMessage() + "; trying again");
      return false;
    }
  }

  /**
   * Lets the next preprocessing take the subject in again.
   *
   * @throws IllegalArgumentException when the subject is not forgotten
   * @throws ConcurrentPublicationException while something is being erased: only who is forgotten
   *     can have an erasure finished
   */
  public void lift(Subject subject) {
    ErasureMark.check(spark, datasetUri);
    if (!Forgotten.remove(spark, datasetUri, subject)) {
      throw new IllegalArgumentException(
          "Dataset " + datasetUri + " has not forgotten " + subject.name());
    }
  }

  /**
   * What is stored of a subject.
   *
   * @param copies URIs of videos that are not the subject's by name but by their bytes
   * @param hashes of those bytes
   * @param tables Delta tables beside the three that may hold rows
   * @param rows of those tables that go
   */
  private record Found(
      FaceVideoDataset dataset,
      List<String> uris,
      List<String> copies,
      List<String> hashes,
      List<String> videoIds,
      List<String> tables,
      Column rows) {}

  private Found find(Subject subject) throws IOException {
    FaceVideoDataset dataset = FaceVideoDataset.open(spark, datasetUri);
    List<Row> own =
        dataset.videos().where(subject.videos()).select("uri", "content_hash").collectAsList();
    Forgotten forgotten = Forgotten.read(spark, datasetUri);
    if (own.isEmpty()
        && !forgotten.includes(subject)
        && !ErasureMark.isSet(spark, datasetUri, subject.name())) {
      throw new IllegalArgumentException(
          "Dataset " + datasetUri + " holds nothing of " + subject.name());
    }

    // Unreadable videos have no hash, which makes no copies of them.
    List<String> hashes =
        new ArrayList<>(
            own.stream()
                .map(row -> row.getString(1))
                .filter(hash -> !hash.isEmpty())
                .distinct()
                .toList());
    List<String> uris = new ArrayList<>(own.stream().map(row -> row.getString(0)).toList());
    Column named =
        col("reason").isin(uris.stream().map(uri -> Reasons.SAME_CONTENT + uri).toArray());
    Map<Boolean, List<Row>> found =
        dataset
            .videos()
            .where(col("content_hash").isin(hashes.toArray()).or(named))
            .select("uri", "video_id", "content_hash")
            .collectAsList()
            .stream()
            .collect(Collectors.partitioningBy(row -> hashes.contains(row.getString(2))));
    List<Row> same = found.get(true);
    List<String> copies =
        same.stream()
            .map(row -> row.getString(0))
            .filter(uri -> !uris.contains(uri))
            .sorted()
            .toList();
    uris.addAll(copies);
    // Copies of what a video was before, whose rows name it.
    found.get(false).stream()
        .map(row -> row.getString(0))
        .filter(uri -> !uris.contains(uri))
        .forEach(uris::add);
    List<Row> former = former(dataset, subject, named);
    hashes.addAll(former.stream().map(row -> row.getString(0)).toList());
    List<String> videoIds =
        Stream.concat(same.stream(), former.stream())
            .map(row -> row.getString(1))
            .distinct()
            .toList();

    List<String> tables = tables();
    Column rows =
        col("video_id")
            .isin(Stream.concat(videoIds.stream(), leftovers(forgotten)).distinct().toArray());
    if (subject instanceof Subject.Person person) {
      rows = rows.or(col("person_id").equalTo(person.id()));
    }
    return new Found(dataset, uris, copies, hashes, videoIds, tables, rows);
  }

  /**
   * What the subject's videos were before their files changed, by hash and id, where nobody's video
   * is that now: embeddings and subsets may hold it still.
   *
   * @param named rows that go as well
   */
  private static List<Row> former(FaceVideoDataset dataset, Subject subject, Column named) {
    return dataset
        .videosOfAnyVersion()
        .where(subject.videos().and(not(col("content_hash").equalTo(""))))
        .join(dataset.videos().where(subject.videos()).select("uri"), "uri")
        .join(
            dataset.videos().where(not(named)).select(col("content_hash").as("held")),
            col("content_hash").equalTo(col("held")),
            "left_anti")
        .select("content_hash", "video_id")
        .distinct()
        .collectAsList();
  }

  /** Ids of videos forgotten before, which embeddings hold that were not named then. */
  private Stream<String> leftovers(Forgotten forgotten) {
    return embeddings.stream()
        .flatMap(
            table ->
                spark
                    .read()
                    .format("delta")
                    .load(table)
                    .select("video_id")
                    .distinct()
                    .as(Encoders.STRING())
                    .collectAsList()
                    .stream())
        .filter(forgotten::includesStored);
  }

  private List<String> tables() throws IOException {
    List<String> tables = new ArrayList<>(Subset.paths(spark, datasetUri));
    for (String uri : embeddings) {
      EmbeddingsTable.require(spark, uri);
      tables.add(new Path(uri).toString());
    }
    return tables;
  }

  /** A summary of a run that names one of the videos goes whole: its figures are in the tables. */
  private void deleteSummaries(Subject subject, Found found) throws IOException {
    Path folder = new Path(datasetUri, SUMMARIES);
    FileSystem files = folder.getFileSystem(spark.sessionState().newHadoopConf());
    if (!files.exists(folder)) {
      return;
    }

    for (FileStatus file : files.listStatus(folder)) {
      String text;
      try (InputStream in = files.open(file.getPath())) {
        text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      }
      if (subject.isNamedIn(text) || found.uris().stream().anyMatch(text::contains)) {
        files.delete(file.getPath(), false);
      }
    }
  }

  private ForgetReport report(Found found, boolean done) throws IOException {
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
        done,
        found.uris(),
        found.dataset().tracks().where(ofVideos).count(),
        found.dataset().clips().where(ofVideos).count(),
        stores,
        described);
  }
}
