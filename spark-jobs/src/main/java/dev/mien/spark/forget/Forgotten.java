package dev.mien.spark.forget;

import static org.apache.spark.sql.functions.col;

import io.delta.tables.DeltaTable;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Whom a dataset must not take in again: the Delta table {@code forgotten} beside its tables, with
 * a salt and the SHA-256 of salt and name in each row, never the name. Who has a name can ask
 * whether it is there; as ids are few and short, so can who tries them all, and no hash would help
 * against that.
 */
public final class Forgotten {

  private static final String TABLE = "forgotten";
  private static final int SALT_BYTES = 16;
  private static final StructType COLUMNS =
      new StructType()
          .add("salt", DataTypes.StringType, false) // hex
          .add("digest", DataTypes.StringType, false); // hex, of the salt's bytes and the name's

  private final List<Row> tombstones;
  private final Map<String, Boolean> answers = new HashMap<>();

  private Forgotten(List<Row> tombstones) {
    this.tombstones = tombstones;
  }

  /** The tombstones of a dataset, which may have none. */
  public static Forgotten read(SparkSession spark, String datasetUri) {
    String path = path(datasetUri);
    return new Forgotten(
        DeltaTable.isDeltaTable(spark, path)
            ? spark.read().format("delta").load(path).select("salt", "digest").collectAsList()
            : List.of());
  }

  /**
   * Whether a video is to be left out.
   *
   * @param personId whom it shows, or null
   */
  public boolean includes(String uri, String personId) {
    return !tombstones.isEmpty()
        && ((personId != null && includes(new Subject.Person(personId)))
            || includes(new Subject.Video(uri)));
  }

  boolean includes(Subject subject) {
    return answers.computeIfAbsent(
        subject.name(),
        name -> tombstones.stream().anyMatch(tombstone -> matches(tombstone, name)));
  }

  /** Adds those that are not there yet, by one commit. */
  static void add(SparkSession spark, String datasetUri, Collection<Subject> subjects) {
    Forgotten before = read(spark, datasetUri);
    SecureRandom random = new SecureRandom();
    List<Row> rows =
        subjects.stream()
            .filter(subject -> !before.includes(subject))
            .map(subject -> tombstone(random, subject.name()))
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

  /** Takes a tombstone away, if there is one. */
  static boolean remove(SparkSession spark, String datasetUri, Subject subject) {
    Object[] digests =
        read(spark, datasetUri).tombstones.stream()
            .filter(tombstone -> matches(tombstone, subject.name()))
            .map(tombstone -> tombstone.get(1))
            .toArray();
    if (digests.length > 0) {
      DeltaTable.forPath(spark, path(datasetUri)).delete(col("digest").isin(digests));
    }
    return digests.length > 0;
  }

  private static boolean matches(Row tombstone, String name) {
    byte[] salt = HexFormat.of().parseHex(tombstone.getString(0));
    return tombstone.getString(1).equals(digest(salt, name));
  }

  private static Row tombstone(SecureRandom random, String name) {
    byte[] salt = new byte[SALT_BYTES];
    random.nextBytes(salt);
    return RowFactory.create(HexFormat.of().formatHex(salt), digest(salt, name));
  }

  private static String digest(byte[] salt, String name) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(salt);
      return HexFormat.of().formatHex(digest.digest(name.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("This Java has no SHA-256", e);
    }
  }

  private static String path(String datasetUri) {
    return new Path(datasetUri, TABLE).toString();
  }
}
