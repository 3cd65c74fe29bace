package dev.mien.spark.forget;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.not;

import dev.mien.spark.dataset.ErasureMark;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.Reasons;
import dev.mien.spark.embed.EmbeddingsTable;
import dev.mien.spark.redundancy.Subset;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * What is stored of a subject, in a dataset and beside it.
 *
 * @param uris of its videos, copies included
 * @param copies URIs of videos that are the subject's not by name but by their bytes
 * @param hashes of those bytes
 * @param tables Delta tables beside the three that may hold rows of the subject
 * @param rows condition for the rows of those tables to erase
 */
record Holdings(
    FaceVideoDataset dataset,
    List<String> uris,
    List<String> copies,
    List<String> hashes,
    List<String> videoIds,
    List<String> tables,
    Column rows) {

  /**
   * Searches the newest version.
   *
   * @param embeddings URIs of embeddings tables that may hold the subject
   * @throws IllegalArgumentException when the dataset or a table is not there, or holds nothing of
   *     the subject
   */
  static Holdings of(
      Subject subject, SparkSession spark, String datasetUri, List<String> embeddings)
      throws IOException {
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

    // Unreadable videos have no hash, and so no copies.
    Set<String> hashes =
        new LinkedHashSet<>(
            own.stream().map(row -> row.getString(1)).filter(hash -> !hash.isEmpty()).toList());
    Set<String> uris = new LinkedHashSet<>(own.stream().map(row -> row.getString(0)).toList());
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
    // Copies of an earlier content of a video, whose rows name the video.
    found.get(false).stream().map(row -> row.getString(0)).forEach(uris::add);
    List<Row> former = former(dataset, subject, named);
    hashes.addAll(former.stream().map(row -> row.getString(0)).toList());
    List<String> videoIds =
        Stream.concat(same.stream(), former.stream())
            .map(row -> row.getString(1))
            .distinct()
            .toList();

    return new Holdings(
        dataset,
        List.copyOf(uris),
        copies,
        List.copyOf(hashes),
        videoIds,
        tables(spark, datasetUri, embeddings),
        rows(
            subject,
            Stream.concat(videoIds.stream(), leftovers(forgotten, spark, embeddings))
                .distinct()
                .toList()));
  }

  private static Column rows(Subject subject, List<String> videoIds) {
    Column ofVideos = col("video_id").isin(videoIds.toArray());
    return subject instanceof Subject.Person person
        ? ofVideos.or(col("person_id").equalTo(person.id()))
        : ofVideos;
  }

  /**
   * Earlier contents of the subject's videos, by hash and id, where no present video has that
   * content: embeddings and subsets may still hold them.
   *
   * @param named condition for further rows to include
   */
  private static List<Row> former(FaceVideoDataset dataset, Subject subject, Column named)
      throws IOException {
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

  /** Ids of videos that were forgotten before, when these tables of embeddings were not named. */
  private static Stream<String> leftovers(
      Forgotten forgotten, SparkSession spark, List<String> embeddings) {
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

  /** The tables beside the three that exist now. */
  static List<String> tables(SparkSession spark, String datasetUri, List<String> embeddings)
      throws IOException {
    List<String> tables = new ArrayList<>(Subset.paths(spark, datasetUri));
    for (String uri : embeddings) {
      EmbeddingsTable.require(spark, uri);
      tables.add(new Path(uri).toString());
    }
    return tables;
  }
}
