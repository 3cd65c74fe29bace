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
 * Rows that hold a stored clip, each with its embedded windows, in order. A row is held back until
 * the batch of its last window is full, so that one batch may have windows of several clips. At
 * most as many rows are held as a batch has windows.
 */
final class EmbeddedRows implements Iterator<Row> {

  private final Iterator<Row> rows;
  private final int column;
  private final ClipEncoder encoder;
  private final EmbeddingOptions options;
  private final Runnable end;
  private final WindowBatch batch;
  private final Deque<Held> held = new ArrayDeque<>();

  /** A row, its number of windows, and the windows that are embedded so far. */
  private record Held(Row row, int windows, List<Row> embedded) {

    boolean isDone() {
      return embedded.size() == windows;
    }
  }

  /**
   * Reads rows only when needed.
   *
   * @param column index of the clip's column
   * @param end called when there are no more rows, perhaps several times
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
    // Outer joins give nulls, or structs of nulls, where there is no clip.
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
