package dev.mien.spark.forget;

import static org.apache.spark.sql.functions.col;

import dev.mien.spark.dataset.SaltedName;
import io.delta.tables.DeltaTable;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * What a dataset must not take in again: the Delta table {@code forgotten} beside its tables. Each
 * row has a salt and the SHA-256 of the salt and a name, never the name itself. A name is that of a
 * person, a video's URI, the hash of a video's bytes, by which it stays out under any URI, or the
 * id by which tables of embeddings name it. Whoever knows a name can test whether it is there; ids
 * are few and short, so all can be tried, and no hash would prevent that.
 */
public final class Forgotten {

  private static final String TABLE = "forgotten";
  private static final StructType COLUMNS =
      new StructType()
          .add(
              "salt",
              DataTypes.StringType,
              false) // hex; one salt, unless subjects were erased at the same time
          .add(
              "digest",
              DataTypes.StringType,
              false) // hex, of the salt's bytes followed by the name's
          .add(
              "subject",
              DataTypes.StringType,
              false); // the digest of the subject that the name belongs to

  private final List<Row> tombstones;
  private final Set<String> salts;
  private final Set<String> digests;

  private Forgotten(List<Row> tombstones) {
    this.tombstones = tombstones;
    this.salts = tombstones.stream().map(row -> row.getString(0)).collect(Collectors.toSet());
    this.digests = tombstones.stream().map(row -> row.getString(1)).collect(Collectors.toSet());
  }

  /** Reads the tombstones of a dataset, which may have none. */
  public static Forgotten read(SparkSession spark, String datasetUri) {
    String path = path(datasetUri);
    return new Forgotten(
        DeltaTable.isDeltaTable(spark, path)
            ? spark
                .read()
                .format("delta")
                .load(path)
                .select("salt", "digest", "subject")
                .collectAsList()
            : List.of());
  }

  /**
   * Whether a video is to be left out because of its URI or its person.
   *
   * @param personId the person that it shows, or null
   */
  public boolean includes(String uri, String personId) {
    return (personId != null && includes(new Subject.Person(personId)))
        || includes(new Subject.Video(uri));
  }

  /** Whether rows of other tables that belong to a video, by its id, are of a forgotten one. */
  boolean includesStored(String videoId) {
    return includes(stored(videoId));
  }

  /** Whether a video is to be left out because of the sha256 of its bytes, in hex. */
  public boolean includesContent(String hash) {
    return includes(content(hash));
  }

  boolean includes(Subject subject) {
    return includes(subject.name());
  }

  private boolean includes(String name) {
    return salts.stream().anyMatch(salt -> digests.contains(digest(salt, name)));
  }

  /**
   * The name for any video with these bytes, by their sha256 in hex, which tells nothing of a face.
   */
  static String content(String hash) {
    return "content " + hash;
  }

  /** The name for rows of other tables that belong to a video, by its id. */
  static String stored(String videoId) {
    return "stored " + videoId;
  }

  /** Adds a subject's names that are not there yet, in one commit. */
  static void add(
      SparkSession spark, String datasetUri, Subject subject, Collection<String> names) {
    Forgotten before = read(spark, datasetUri);
    Set<Row> known = new HashSet<>(before.tombstones);
    String salt = before.salts.stream().sorted().findFirst().orElseGet(SaltedName::newSalt);
    String whose = digest(salt, subject.name());
    List<Row> rows =
        names.stream()
            .map(name -> RowFactory.create(salt, digest(salt, name), whose))
            .filter(row -> !known.contains(row))
            .toList();
    if (!rows.isEmpty()) {
      spark
          .createDataFrame(rows, COLUMNS)
          .coalesce(1)
          .write()
          .format("delta")
          .mode("append")
          .save(path(datasetUri));
    }
  }

  /** Removes a subject's tombstones; returns whether there were any. */
  static boolean remove(SparkSession spark, String datasetUri, Subject subject) {
    Forgotten before = read(spark, datasetUri);
    if (!before.includes(subject)) {
      return false;
    }
    Object[] lifted = before.salts.stream().map(salt -> digest(salt, subject.name())).toArray();
    DeltaTable.forPath(spark, path(datasetUri))
        .delete(col("digest").isin(lifted).or(col("subject").isin(lifted)));
    return true;
  }

  private static String digest(String salt, String name) {
    return SaltedName.of(salt, name).digest();
  }

  private static String path(String datasetUri) {
    return new Path(datasetUri, TABLE).toString();
  }
}
