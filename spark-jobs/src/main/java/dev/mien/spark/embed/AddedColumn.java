package dev.mien.spark.embed;

import java.util.Iterator;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/** Adds a column to rows, whose value is computed when the row is read. */
final class AddedColumn {

  private AddedColumn() {}

  /**
   * The rows with the column.
   *
   * @param end called when there are no more rows, perhaps several times: the task may go on with
   *     other rows, as after a {@code coalesce}
   */
  static Iterator<Row> of(Iterator<Row> rows, Function<Row, Object> value, Runnable end) {
    return new Iterator<>() {

      @Override
      public boolean hasNext() {
        boolean more = rows.hasNext();
        if (!more) {
          end.run();
        }
        return more;
      }

      @Override
      public Row next() {
        Row row = rows.next();
        return to(row, value.apply(row));
      }
    };
  }

  static Row to(Row row, Object value) {
    Stream<Object> columns = IntStream.range(0, row.size()).mapToObj(row::get);
    return RowFactory.create(Stream.concat(columns, Stream.of(value)).toArray());
  }
}
