package dev.mien.spark.dataset;

import dev.mien.preprocessing.clip.FrameFormat;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;

/**
 * Reads one row group of the clips table, outside Spark SQL: a replica asks for the clips of its
 * samples and for nothing else, between two steps.
 */
public final class RowGroupReader {

  private static final List<String> COLUMNS =
      List.of("clip_id", "height", "width", "format", "images", "regions");

  private RowGroupReader() {}

  /**
   * The clips of a row group, in the order of its rows.
   *
   * @throws IOException naming the file and the row group that cannot be read
   */
  public static List<StoredClip> read(Configuration hadoop, RowGroup rowGroup) throws IOException {
    try (ParquetFileReader reader =
        ParquetFileReader.open(HadoopInputFile.fromPath(path(rowGroup.file()), hadoop))) {
      MessageType schema = reader.getFileMetaData().getSchema();
      List<Type> wanted = COLUMNS.stream().map(schema::getType).toList();
      MessageType projection = new MessageType(schema.getName(), wanted);
      reader.setRequestedSchema(projection);

      PageReadStore pages = reader.readRowGroup(rowGroup.position());
      RecordReader<Group> records =
          new ColumnIOFactory()
              .getColumnIO(projection)
              .getRecordReader(pages, new GroupRecordConverter(projection));

      List<StoredClip> clips = new ArrayList<>();
      for (long row = 0; row < pages.getRowCount(); row++) {
        clips.add(clip(records.read()));
      }
      return clips;
    } catch (IOException | RuntimeException e) {
      throw new IOException(
          "Cannot read row group "
              + rowGroup.position()
              + " of "
              + rowGroup.file()
              + ": "
              + e.getMessage(),
          e);
    }
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
        FrameFormat.valueOf(row.getString("format", 0).toUpperCase(Locale.ROOT)),
        stored,
        row.getBinary("regions", 0).getBytes());
  }

  /** Spark gives file paths as encoded URIs. */
  static Path path(String file) {
    return new Path(URI.create(file));
  }
}
