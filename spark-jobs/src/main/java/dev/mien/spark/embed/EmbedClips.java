package dev.mien.spark.embed;

import dev.mien.preprocessing.clip.FrameFormat;
import dev.mien.spark.config.ComputeDevice;
import dev.mien.spark.config.EmbeddingOptions;
import dev.mien.spark.resident.Residents;
import dev.mien.spark.resident.TaskDevice;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskCompletionListener;

/** The task of {@link FaceVideoEmbedder}: rows in, each with its embedded windows out. */
final class EmbedClips implements MapPartitionsFunction<Row, Row> {

  static final StructType CLIP =
      new StructType()
          .add("images", DataTypes.createArrayType(DataTypes.BinaryType))
          .add("format", DataTypes.StringType)
          .add("height", DataTypes.IntegerType)
          .add("width", DataTypes.IntegerType);

  static final StructType WINDOW =
      new StructType()
          .add("first_frame", DataTypes.IntegerType, false)
          .add("embedding", DataTypes.createArrayType(DataTypes.FloatType, false), false);

  private static final long serialVersionUID = 1L;

  /** One encoder a task of this process, for the model that was asked for last. */
  private static final Residents<Key, ClipEncoder> ENCODERS = new Residents<>(Key::open);

  private final String modelUrl;
  private final int column;
  private final EmbeddingOptions options;
  private final SerializableConfiguration hadoop;

  EmbedClips(
      String modelUrl, int column, EmbeddingOptions options, SerializableConfiguration hadoop) {
    this.modelUrl = modelUrl;
    this.column = column;
    this.options = options;
    this.hadoop = hadoop;
  }

  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    var lease = ENCODERS.borrow(new Key(modelUrl, options.batchSize(), hadoop));
    lease.keep();
    TaskContext.get().addTaskCompletionListener((TaskCompletionListener) context -> lease.close());
    return new Iterator<>() {

      @Override
      public boolean hasNext() {
        return rows.hasNext();
      }

      @Override
      public Row next() {
        return embed(lease.thing(), rows.next());
      }
    };
  }

  private Row embed(ClipEncoder encoder, Row row) {
    Row clip = row.getStruct(column);
    List<byte[]> images = clip.getList(clip.fieldIndex("images"));
    List<int[]> frames = encoder.windows(images.size(), options);
    List<ClipEncoder.Window> windows =
        frames.stream()
            .map(
                window ->
                    new ClipEncoder.Window(
                        FrameFormat.valueOf(clip.<String>getAs("format").toUpperCase(Locale.ROOT)),
                        clip.<Integer>getAs("height"),
                        clip.<Integer>getAs("width"),
                        Arrays.stream(window).mapToObj(images::get).toList()))
            .toList();

    List<Row> embedded = new ArrayList<>(windows.size());
    for (int from = 0; from < windows.size(); from += options.batchSize()) {
      int to = Math.min(windows.size(), from + options.batchSize());
      for (float[] embedding : encoder.embed(windows.subList(from, to), options.output())) {
        embedded.add(RowFactory.create(frames.get(embedded.size())[0], embedding));
      }
    }
    return RowFactory.create(
        Stream.concat(
                Stream.iterate(0, i -> i < row.size(), i -> i + 1).map(row::get),
                Stream.of((Object) embedded.toArray()))
            .toArray());
  }

  /** What an encoder is opened for; Hadoop's settings are those of whoever asks first. */
  private static final class Key {

    private final String modelUrl;
    private final int batchSize;
    private final SerializableConfiguration hadoop;

    private Key(String modelUrl, int batchSize, SerializableConfiguration hadoop) {
      this.modelUrl = modelUrl;
      this.batchSize = batchSize;
      this.hadoop = hadoop;
    }

    private ClipEncoder open() {
      try {
        return ClipEncoder.open(
            hadoop.value(), modelUrl, batchSize, TaskDevice.of(ComputeDevice.CPU));
      } catch (IOException e) {
        throw new UncheckedIOException("Cannot open model " + modelUrl, e);
      }
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Key key
          && modelUrl.equals(key.modelUrl)
          && batchSize == key.batchSize;
    }

    @Override
    public int hashCode() {
      return modelUrl.hashCode() + batchSize;
    }
  }
}
