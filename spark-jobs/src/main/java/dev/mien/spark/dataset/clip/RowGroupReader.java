package dev.mien.spark.dataset.clip;

import dev.mien.preprocessing.picture.FrameFormat;
import dev.mien.spark.dataset.Tables;
import dev.mien.spark.storage.DamagedException;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.HadoopReadOptions;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.schema.MessageType;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import shaded.parquet.org.apache.thrift.TException;

/**
 * Reads row groups of the clips table without Spark SQL: for replicas, which need the clips of
 * their samples between two steps, and for the index.
 */
public final class RowGroupReader {

  private static final List<String> COLUMNS =
      List.of("clip_id", "height", "width", "format", "images", "regions");

  /** The columns that the index has of a clip. */
  static final StructType ENTRY =
      new StructType(
          Stream.of("clip_id", "track_id", "video_id", "person_id", "split", "frames")
              .map(Tables.CLIPS::apply)
              .toArray(StructField[]::new));

  private RowGroupReader() {}

  /**
   * Reads the clips of a row group, in the order of its rows.
   *
   * @throws DamagedException naming the file, which is gone or holds something else, and the row
   *     group
   * @throws IOException naming the file and the row group that cannot be read
   */
  public static List<StoredClip> read(Configuration hadoop, RowGroup rowGroup) throws IOException {
    try (ParquetFileReader reader = open(hadoop, rowGroup.file())) {
      return read(reader, rowGroup.position(), COLUMNS, RowGroupReader::clip);
    } catch (IOException
        | RuntimeException
        | FSError e) { // Hadoop's error for a failing local disk
      String message =
          "Cannot read row group %d of %s: %s"
              .formatted(rowGroup.position(), rowGroup.file(), e.getMessage());
      throw isDamage(e) ? new DamagedException(message, e) : new IOException(message, e);
    }
  }

  /** Whether it was raised by what was read, or by nothing being there, and not by the storage. */
  private static boolean isDamage(Throwable failure) {
    return failure instanceof RuntimeException
        || failure instanceof FileNotFoundException
        || failure instanceof EOFException
        || failure instanceof ChecksumException
        || failure.getCause() instanceof TException; // Parquet's own structures
  }

  /**
   * Reads a file's clips with the columns of {@link #ENTRY}: a list per row group, in the order of
   * its rows.
   *
   * @throws IOException naming the file that cannot be read
   */
  static List<List<Row>> entries(Configuration hadoop, String file) throws IOException {
    try (ParquetFileReader reader = open(hadoop, file)) {
      List<List<Row>> entries = new ArrayList<>();
      for (int position = 0; position < reader.getRowGroups().size(); position++) {
        entries.add(read(reader, position, List.of(ENTRY.fieldNames()), RowGroupReader::entry));
      }
      return entries;
    } catch (IOException
        | RuntimeException
        | FSError e) { // Hadoop's error for a failing local disk
      throw new IOException("Cannot read %s: %s".formatted(file, e.getMessage()), e);
    }
  }

  private static ParquetFileReader open(Configuration hadoop, String file) throws IOException {
    // Spark gives file paths as encoded URIs.
    Path path = new Path(URI.create(file));
    // These options have the keys of encrypted files.
    return ParquetFileReader.open(
        HadoopInputFile.fromPath(path, hadoop), HadoopReadOptions.builder(hadoop, path).build());
  }

  private static <T> List<T> read(
      ParquetFileReader reader, int rowGroup, List<String> columns, Function<Group, T> convert)
      throws IOException {
    MessageType schema = reader.getFileMetaData().getSchema();
    MessageType wanted =
        new MessageType(schema.getName(), columns.stream().map(schema::getType).toList());
    reader.setRequestedSchema(wanted);
    PageReadStore pages = reader.readRowGroup(rowGroup);
    RecordReader<Group> records =
        new ColumnIOFactory()
            .getColumnIO(wanted)
            .getRecordReader(pages, new GroupRecordConverter(wanted));

    List<T> rows = new ArrayList<>();
    for (long row = 0; row < pages.getRowCount(); row++) {
      rows.add(convert.apply(records.read()));
    }
    return rows;
  }

  private static Row entry(Group row) {
    return RowFactory.create(
        row.getString("clip_id", 0),
        row.getString("track_id", 0),
        row.getString("video_id", 0),
        optional(row, "person_id"),
        optional(row, "split"),
        row.getInteger("frames", 0));
  }

  private static String optional(Group row, String column) {
    return row.getFieldRepetitionCount(column) == 0 ? null : row.getString(column, 0);
  }

  private static StoredClip clip(Group row) {
    Group images = row.getGroup("images", 0);
    int frames = images.getFieldRepetitionCount(0);
    List<byte[]> stored = new ArrayList<>(frames);
    for (int frame = 0; frame < frames; frame++) {
      stored.add(images.getGroup(0, frame).getBinary(0, 0).getBytes());
    }

    return new StoredClip(
        row.getString("clip_id", 0),
        row.getInteger("height", 0),
        row.getInteger("width", 0),
        FrameFormat.of(row.getString("format", 0)),
        stored,
        row.getBinary("regions", 0).getBytes());
  }
}
