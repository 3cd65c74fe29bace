package dev.mien.spark.dataset;

import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.DeltaLog;
import org.apache.spark.sql.delta.Snapshot;
import org.apache.spark.sql.delta.actions.Action;
import org.apache.spark.sql.delta.actions.AddFile;
import org.apache.spark.sql.delta.actions.CommitInfo;
import scala.Option;
import scala.Tuple2;
import scala.collection.JavaConverters;
import scala.collection.Seq;

/**
 * The commits of a Delta table, read from its log on the driver; Delta's own {@code history} runs a
 * Spark job each time.
 */
final class TableLog {

  /** Session setting: the user metadata of commits. */
  static final String USER_METADATA = "spark.databricks.delta.commitInfo.userMetadata";

  private final SparkSession spark;
  private final String path;

  TableLog(SparkSession spark, String path) {
    this.spark = spark;
    this.path = path;
  }

  /**
   * @param metadata the user metadata, if any
   * @param restored the version that this commit restores, if any
   */
  record Commit(long version, Optional<String> metadata, Optional<String> restored) {

    boolean restores(long other) {
      return restored.equals(Optional.of(Long.toString(other)));
    }
  }

  /** The table's newest version. */
  long newest() {
    return newestSnapshot().version();
  }

  Snapshot newestSnapshot() {
    DeltaLog log = log();
    return log.update(log.update$default$1(), log.update$default$2(), log.update$default$3());
  }

  /** Names of the newest version's files, and of those that any commit in the log has added. */
  Set<String> files() {
    Set<String> names = new HashSet<>();
    newestSnapshot()
        .allFiles()
        .toDF()
        .select("path")
        .as(Encoders.STRING())
        .collectAsList()
        .forEach(path -> names.add(name(path)));
    // Not by the newest version's tombstones, which Delta forgets when a vacuum may have come.
    changes(0)
        .forEachRemaining(
            change -> {
              for (Action action : actions(change._2())) {
                if (action instanceof AddFile file) {
                  names.add(name(file.path()));
                }
              }
            });
    return names;
  }

  private static String name(String path) {
    return new Path(URI.create(path)).getName();
  }

  /** The state at a version that the log still reaches. */
  Snapshot at(long version) {
    return DeltaChanges.at(log(), version);
  }

  /** The commit of a version, if the log still has it. */
  Optional<Commit> commit(long version) {
    return between(version, version + 1).stream().findFirst();
  }

  /** The commits of a version and later ones that the log still has, the newest first. */
  List<Commit> since(long version) {
    return between(version, Long.MAX_VALUE);
  }

  /**
   * The newest commit after a version that has this user metadata. Writers look for their own:
   * Delta silently skips a transaction that it has had before.
   */
  Optional<Commit> saying(String metadata, long after) {
    return since(after + 1).stream()
        .filter(commit -> commit.metadata().equals(Optional.of(metadata)))
        .findFirst();
  }

  /**
   * All commits that the log still has, the newest first. They are read lazily, in growing numbers:
   * each read lists the log, and a log of years takes long to read.
   */
  Stream<Commit> newestFirst() {
    long end = newest() + 1;
    return Stream.iterate(1L, span -> span < 8 * end, span -> 8 * span)
        .flatMap(span -> between(Math.max(0, end - span), end - span / 8).stream());
  }

  /** The commits from the first to before the end, the newest first. */
  private List<Commit> between(long first, long end) {
    List<Commit> commits = new ArrayList<>();
    Iterator<? extends Tuple2<Object, ? extends Seq<Action>>> changes = changes(first);
    long version = first - 1;
    while (version < end - 1 && changes.hasNext()) {
      Tuple2<Object, ? extends Seq<Action>> change = changes.next(); // reads the commit
      version = (Long) change._1();
      if (version < end) {
        commits.add(commit(version, actions(change._2())));
      }
    }
    Collections.reverse(commits);
    return commits;
  }

  /** The versions from the first on that the log still has, each with its actions. */
  private Iterator<? extends Tuple2<Object, ? extends Seq<Action>>> changes(long first) {
    return JavaConverters.asJavaIteratorConverter(DeltaChanges.since(log(), first)).asJava();
  }

  private static List<Action> actions(Seq<Action> actions) {
    return JavaConverters.seqAsJavaListConverter(actions).asJava();
  }

  private static Commit commit(long version, List<Action> actions) {
    for (Action action : actions) {
      if (action instanceof CommitInfo info) {
        Option<String> restored =
            info.operation().equals("RESTORE")
                ? info.operationParameters().get("version")
                : Option.empty();
        return new Commit(version, java(info.userMetadata()), java(restored).map(TableLog::plain));
      }
    }
    return new Commit(version, Optional.empty(), Optional.empty());
  }

  /** The value of a parameter, which Delta writes as JSON. */
  private static String plain(String parameter) {
    return parameter.replace("\"", "");
  }

  private static Optional<String> java(Option<String> option) {
    return Optional.ofNullable(option.getOrElse(() -> null));
  }

  private DeltaLog log() {
    return DeltaLog.forTable(spark, new Path(path));
  }
}
