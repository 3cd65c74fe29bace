package dev.mien.spark.dataset;

import dev.mien.spark.dataset.TableLog.Commit;
import io.delta.tables.DeltaTable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.DeltaConcurrentModificationException;
import org.apache.spark.sql.delta.DeltaLog;

/**
 * One attempt to publish a version of a dataset after the one that it was made from. Of several
 * runs that try at once one succeeds; the others change nothing and are told so.
 *
 * <p>Delta commits to one table at a time, so the three tables need an order:
 *
 * <ol>
 *   <li>Every commit of an attempt carries its id in the user metadata.
 *   <li>{@code tracks} and {@code clips} are first restored to the published version, when their
 *       newest is another: what lies beyond was left by a killed attempt or belongs to a running
 *       one. Then they are changed. The version reached is good only when no commit of another
 *       attempt lies between.
 *   <li>The commit to {@code videos} names both versions. It carries a Delta transaction numbered
 *       after the parent version, of which Delta accepts one: whoever comes second with the same
 *       parent fails.
 * </ol>
 *
 * <p>Restoring a table does a running attempt no harm: the version that it will name never changes,
 * and its files stay until a vacuum. So there is no lock that a killed run could leave behind, and
 * no clock to trust. After the commit the published versions are made the tables' newest again
 * ({@link #settle}), as a vacuum needs: it keeps the files of the newest version only.
 */
final class Publication {

  private static final String TRANSACTION = "spark.databricks.delta.write.txnAppId";
  private static final String TRANSACTION_VERSION = "spark.databricks.delta.write.txnVersion";

  private final SparkSession spark;
  private final String uri;
  private final DatasetVersion parent;
  private final String id = UUID.randomUUID().toString();
  private final Map<String, Long> reached = new HashMap<>();

  Publication(SparkSession spark, String uri, DatasetVersion parent) {
    this.spark = spark;
    this.uri = uri;
    this.parent = parent;
    reached.put("tracks", parent.tracks());
    reached.put("clips", parent.clips());
  }

  /**
   * Saves the work of publishing when the parent is no longer the newest version.
   *
   * @throws ConcurrentPublicationException if it is not
   */
  Publication onto(DatasetVersion newest) {
    if (!newest.equals(parent)) {
      throw conflict("published version " + newest, null);
    }
    return this;
  }

  /**
   * Changes {@code tracks} or {@code clips}; readers do not see it yet.
   *
   * @throws ConcurrentPublicationException when another attempt changes it at the same time
   */
  Publication change(String table, Consumer<DeltaTable> change) {
    long published = reached.get(table);
    with(
        Map.of(TableLog.USER_METADATA, id),
        () -> {
          bringTo(table, published);
          change.accept(table(table));
          reached.put(table, ownVersion(table, published));
        });
    return this;
  }

  /**
   * Changes {@code videos}, and so publishes all changes; a change that does nothing is published,
   * too.
   *
   * @throws ConcurrentPublicationException when another attempt published after the parent
   */
  DatasetVersion commit(Consumer<DeltaTable> change) {
    with(
        Map.of(
            TableLog.USER_METADATA,
            pin(),
            TRANSACTION,
            "mien",
            TRANSACTION_VERSION,
            Long.toString(parent.videos() + 1)),
        () -> change.accept(table("videos")));

    DatasetVersion published = published();
    settle(spark, uri, published);
    return published;
  }

  /**
   * Publishes as {@link #commit} does, and adds a version of the same content that the log can
   * begin with. Nobody else may publish in between, which an {@link ErasureMark} ensures.
   *
   * @throws ConcurrentPublicationException as {@link #commit} does
   */
  DatasetVersion commitAndMark(Consumer<DeltaTable> change) {
    commit(change);
    with(
        Map.of(TableLog.USER_METADATA, pin()),
        () -> Purge.mark(spark, FaceVideoDataset.table(uri, "videos")));
    return published();
  }

  private String pin() {
    return DatasetVersion.pin(reached.get("tracks"), reached.get("clips"), id);
  }

  /** The newest version that this attempt has published. */
  private DatasetVersion published() {
    long version =
        log("videos")
            .saying(pin(), parent.videos())
            .map(Commit::version)
            .orElseThrow(() -> conflict("published version " + log("videos").newest(), null));
    return new DatasetVersion(version, reached.get("tracks"), reached.get("clips"));
  }

  /** Makes the published versions of {@code tracks} and {@code clips} their newest. */
  static void settle(SparkSession spark, String uri, DatasetVersion published) {
    try {
      bringTo(spark, uri, "tracks", published.tracks());
      bringTo(spark, uri, "clips", published.clips());
    } catch (DeltaConcurrentModificationException e) {
      // Another attempt is running, and will settle the tables when it is done.
    }
  }

  /** Creates a table where there is none, although another run may be creating it. */
  static void create(SparkSession spark, String metadata, Runnable creation) {
    try {
      SessionSettings.with(spark, Map.of(TableLog.USER_METADATA, metadata), creation);
    } catch (Exception e) {
      // Delta reports in several ways that another run came first; any other failure will occur
      // again.
      DeltaLog.clearCache();
      SessionSettings.with(spark, Map.of(TableLog.USER_METADATA, metadata), creation);
    }
  }

  /**
   * The newest version of a table, if all commits after the published version, or after one that
   * restores it, are this attempt's.
   */
  private long ownVersion(String table, long published) {
    List<Commit> commits =
        log(table).since(published + 1).stream().dropWhile(commit -> !isOwn(commit)).toList();
    List<Commit> beforeOwn = commits.stream().dropWhile(this::isOwn).toList();
    boolean startsFromPublished =
        beforeOwn.isEmpty()
            || beforeOwn.get(0).restores(published)
            || commits.get(commits.size() - beforeOwn.size() - 1).restores(published);
    if (!startsFromPublished || beforeOwn.stream().anyMatch(this::isOwn)) {
      throw conflict("changed its " + table, null);
    }
    return commits.isEmpty() ? published : commits.get(0).version();
  }

  private boolean isOwn(Commit commit) {
    return commit.metadata().equals(Optional.of(id));
  }

  private void with(Map<String, String> settings, Runnable work) {
    try {
      SessionSettings.with(spark, settings, work);
    } catch (DeltaConcurrentModificationException e) {
      throw conflict("committed first (" + e.getClass().getSimpleName() + ")", e);
    }
  }

  private ConcurrentPublicationException conflict(String what, Throwable cause) {
    return new ConcurrentPublicationException(
        "Cannot publish after version %s of dataset %s: another run %s"
            .formatted(parent, uri, what),
        cause);
  }

  private void bringTo(String name, long version) {
    bringTo(spark, uri, name, version);
  }

  private static void bringTo(SparkSession spark, String uri, String name, long version) {
    TableLog log = log(spark, uri, name);
    long newest = log.newest();
    if (newest != version
        && log.commit(newest).filter(commit -> commit.restores(version)).isEmpty()) {
      DeltaTable.forPath(spark, FaceVideoDataset.table(uri, name)).restoreToVersion(version);
    }
  }

  private TableLog log(String name) {
    return log(spark, uri, name);
  }

  private static TableLog log(SparkSession spark, String uri, String name) {
    return new TableLog(spark, FaceVideoDataset.table(uri, name));
  }

  private DeltaTable table(String name) {
    return DeltaTable.forPath(spark, FaceVideoDataset.table(uri, name));
  }
}
