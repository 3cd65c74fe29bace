package dev.mien.spark.embed;

import java.util.Iterator;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/** Rows with one column more, each made when it is asked for. */
final class AddedColumn {

  private AddedColumn() {}

  static Iterator<Row> of(Iterator<Row> rows, Function<Row, Object> value) {
    return new Iterator<>() {

      @Override
      public boolean hasNext() {
        return rows.hasNext();
      }

      @Override
      public Row next() {
        Row row = rows.next();
        Stream<Object> columns = IntStream.range(0, row.size()).mapToObj(row::get);
        return RowFactory.create(Stream.concat(columns, Stream.of(value.apply(row))).toArray());
      }
    };
  }
}
