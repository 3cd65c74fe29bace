package dev.mien.spark.embed;

import dev.mien.preprocessing.clip.Clip;
import dev.mien.preprocessing.clip.Outcome;
import dev.mien.preprocessing.clip.PreprocessingOptions;
import dev.mien.preprocessing.clip.VideoPreprocessor;
import dev.mien.preprocessing.clip.VideoReport;
import dev.mien.preprocessing.clip.VideoRequest;
import dev.mien.spark.config.EmbeddingOptions;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.TaskCompletionListener;

/**
 * Rows with the URI of a video in, each with what became of it and its embedded windows out; the
 * faces are found and followed as the preprocessing job does by default.
 */
final class EmbedVideos implements MapPartitionsFunction<Row, Row> {

  static final StructType WINDOW =
      new StructType()
          .add("clip", DataTypes.StringType, false)
          .add("first_frame", DataTypes.IntegerType, false)
          .add("timestamp_micros", DataTypes.LongType, false)
          .add("embedding", DataTypes.createArrayType(DataTypes.FloatType, false), false);

  static final StructType VIDEO =
      new StructType()
          .add("outcome", DataTypes.StringType, false)
          .add("reason", DataTypes.StringType, false)
          .add("windows", DataTypes.createArrayType(WINDOW, false), false);

  private static final long serialVersionUID = 1L;

  private final ResidentEncoder resident;
  private final int column;
  private final EmbeddingOptions options;

  EmbedVideos(ResidentEncoder resident, int column, EmbeddingOptions options) {
    this.resident = resident;
    this.column = column;
    this.options = options;
  }

  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    ClipEncoder encoder = resident.borrow();
    VideoPreprocessor preprocessor = VideoPreprocessor.open(PreprocessingOptions.defaults());
    TaskContext.get()
        .addTaskCompletionListener((TaskCompletionListener) task -> preprocessor.close());
    return new Iterator<>() {

      @Override
      public boolean hasNext() {
        return rows.hasNext();
      }

      @Override
      public Row next() {
        Row row = rows.next();
        return EmbedClips.with(row, embed(preprocessor, encoder, row.getString(column)));
      }
    };
  }

  private Row embed(VideoPreprocessor preprocessor, ClipEncoder encoder, String uri) {
    List<Row> windows = new ArrayList<>();
    try {
      VideoReport report = process(preprocessor, uri, clip -> add(windows, encoder, clip));
      boolean processed = report.outcome() == Outcome.PROCESSED;
      return video(report.outcome(), report.reason(), processed ? windows : List.of());
    } catch (IOException e) {
      return video(Outcome.QUARANTINED, "cannot be read: " + e.getMessage(), List.of());
    }
  }

  /** Through a copy on this machine, when the video is elsewhere. */
  private VideoReport process(VideoPreprocessor preprocessor, String uri, Consumer<Clip> clips)
      throws IOException {
    org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(uri);
    URI location = path.toUri();
    if (location.getScheme() == null || location.getScheme().equals("file")) {
      return preprocessor.process(request(Path.of(location.getPath())), clips);
    }
    Path folder = Files.createTempDirectory("mien-embed");
    Path copy = folder.resolve("video");
    try {
      try (var in = path.getFileSystem(resident.hadoop().value()).open(path)) {
        Files.copy(in, copy);
      }
      return preprocessor.process(request(copy), clips);
    } finally {
      Files.deleteIfExists(copy);
      Files.delete(folder);
    }
  }

  private static VideoRequest request(Path video) {
    return new VideoRequest(video, "video", List.of());
  }

  private void add(List<Row> windows, ClipEncoder encoder, Clip clip) {
    encoder
        .embed(clip.format(), clip.height(), clip.width(), clip.images(), options)
        .forEach(
            window ->
                windows.add(
                    RowFactory.create(
                        clip.clipId(),
                        window.firstFrame(),
                        clip.timestampsMicros()[window.firstFrame()],
                        window.embedding())));
  }

  private static Row video(Outcome outcome, String reason, List<Row> windows) {
    return RowFactory.create(outcome.name().toLowerCase(Locale.ROOT), reason, windows.toArray());
  }
}
