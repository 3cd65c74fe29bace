package dev.mien.spark.dataset;

import org.apache.spark.sql.delta.DeltaLog;
import org.apache.spark.sql.delta.Snapshot;
import org.apache.spark.sql.delta.actions.Action;
import scala.Tuple2;
import scala.collection.Iterator;
import scala.collection.Seq;

/** Earlier versions in a table's log, as Delta 4 is asked for them. */
final class DeltaChanges {

  private DeltaChanges() {}

  static Snapshot at(DeltaLog log, long version) {
    return log.getSnapshotAt(
        version,
        log.getSnapshotAt$default$2(),
        log.getSnapshotAt$default$3(),
        log.getSnapshotAt$default$4());
  }

  static Iterator<? extends Tuple2<Object, ? extends Seq<Action>>> since(
      DeltaLog log, long version) {
    return log.getChanges(version, log.getChanges$default$2(), log.getChanges$default$3());
  }
}
