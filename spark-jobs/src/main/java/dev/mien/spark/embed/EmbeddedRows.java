package dev.mien.spark.embed;

import dev.mien.spark.config.EmbeddingOptions;
import dev.mien.spark.dataset.clip.StoredClip;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/**
 * Rows with a stored clip, each with its embedded windows, in order. A row is held until the batch
 * of its last window is full, so that the network is given windows of several clips at once; never
 * more rows than a batch has windows.
 */
final class EmbeddedRows implements Iterator<Row> {

  private final Iterator<Row> rows;
  private final int column;
  private final ClipEncoder encoder;
  private final EmbeddingOptions options;
  private final Runnable end;
  private final WindowBatch batch;
  private final Deque<Held> held = new ArrayDeque<>();

  /** A row, and what its windows have given by now. */
  private record Held(Row row, int windows, List<Row> embedded) {

    boolean isDone() {
      return embedded.size() == windows;
    }
  }

  /**
   * Takes rows when it is asked for some.
   *
   * @param column of the clip
   * @param end run when there are no more, perhaps several times
   */
  EmbeddedRows(
      Iterator<Row> rows, int column, ClipEncoder encoder, EmbeddingOptions options, Runnable end) {
    this.rows = rows;
    this.column = column;
    this.encoder = encoder;
    this.options = options;
    this.end = end;
    this.batch = new WindowBatch(encoder, options.output());
  }

  @Override
  public boolean hasNext() {
    boolean more = !held.isEmpty() || rows.hasNext();
    if (!more) {
      end.run();
    }
    return more;
  }

  @Override
  public Row next() {
    while (held.isEmpty() || !held.peek().isDone()) {
      if (held.isEmpty() || (held.size() < encoder.batchSize() && rows.hasNext())) {
        hold(rows.next());
      } else {
        batch.embed();
      }
    }
    Held first = held.remove();
    return AddedColumn.to(first.row(), first.embedded().toArray());
  }

  private void hold(Row row) {
    Row clip = row.getStruct(column);
    // Outer joins give clips that are none: nulls, or structs of nulls.
    boolean isNone = clip == null || clip.isNullAt(clip.fieldIndex("images"));
    List<ClipEncoder.Window> windows =
        isNone ? List.of() : encoder.windows(StoredClip.of(name(row), clip), options);
    List<Row> embedded = new ArrayList<>();
    held.add(new Held(row, windows.size(), embedded));
    windows.forEach(
        window ->
            batch.add(
                window,
                embedding -> embedded.add(RowFactory.create(window.firstFrame(), embedding))));
  }

  private static String name(Row row) {
    return row.schema().getFieldIndex("clip_id").isDefined()
        ? String.valueOf(row.<Object>getAs("clip_id"))
        : "of a row without a clip_id";
  }
}
