package dev.mien.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/** The page that says what the columns of the tables mean. */
final class SchemaPage {

  private static final Path PAGE = Path.of("SCHEMA.md");
  private static final Pattern ROW = Pattern.compile("\\| `([^`]+)` \\| ([^|]+) \\| (.+) \\|");

  private SchemaPage() {}

  /** That a table's section names its columns with their types, in order, and no others. */
  static void assertDescribes(String table, StructType columns) throws IOException {
    String section =
        Arrays.stream(Files.readString(PAGE).split("\n## "))
            .filter(part -> part.startsWith(table + "\n"))
            .findFirst()
            .orElseThrow(() -> new AssertionError(PAGE + " has no section " + table));

    List<String> described = new ArrayList<>();
    ROW.matcher(section)
        .results()
        .forEach(
            row -> {
              described.add(row.group(1) + " " + row.group(2));
              assertThat(row.group(3)).as(row.group(1)).isNotBlank();
            });
    assertThat(described).as(PAGE + ", " + table).isEqualTo(columns("", columns).toList());
  }

  private static Stream<String> columns(String prefix, StructType struct) {
    return Arrays.stream(struct.fields())
        .flatMap(field -> column(prefix + field.name(), field.dataType()));
  }

  private static Stream<String> column(String name, DataType type) {
    if (type instanceof StructType struct) {
      return columns(name + ".", struct);
    }
    if (type instanceof ArrayType array && array.elementType() instanceof StructType struct) {
      return columns(name + "[].", struct);
    }
    return Stream.of(name + " " + type.simpleString());
  }
}
