package dev.mien.spark.evaluate;

import dev.mien.model.marlin.MarlinArchitecture;
import dev.mien.preprocessing.picture.FrameDecoder;
import dev.mien.spark.config.ComputeDevice;
import dev.mien.spark.dataset.clip.ClipWindow;
import dev.mien.spark.dataset.clip.StoredClip;
import dev.mien.spark.resident.TaskDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;

/** The task of an evaluation: clips in, their windows with features and attributes out. */
final class ProbeWindows implements MapPartitionsFunction<Row, Row> {

  static final StructType WINDOW =
      new StructType()
          .add("clip_id", DataTypes.StringType, false)
          .add("track_id", DataTypes.StringType, false)
          .add("first_frame", DataTypes.IntegerType, false)
          // float32, big-endian: a row's array of floats is an object for each of them
          .add("features", DataTypes.createArrayType(DataTypes.BinaryType, false), false)
          .add("attributes", DataTypes.createArrayType(DataTypes.DoubleType, false), false);

  private static final long serialVersionUID = 1L;

  /** Pixels are averaged down to about this side length. */
  private static final int PIXELS_SIDE = 56;

  private final String checkpoint;
  private final int stride;
  private final int step;
  private final ComputeDevice device;
  private final SerializableConfiguration hadoop;

  ProbeWindows(
      String checkpoint,
      int stride,
      int step,
      ComputeDevice device,
      SerializableConfiguration hadoop) {
    this.checkpoint = checkpoint;
    this.stride = stride;
    this.step = step;
    this.device = device;
    this.hadoop = hadoop;
  }

  @Override
  public Iterator<Row> call(Iterator<Row> clips) throws IOException {
    if (!clips.hasNext()) {
      return clips;
    }
    List<Row> windows = new ArrayList<>();
    try (var lease = ProbedEncoders.borrow(hadoop.value(), checkpoint, TaskDevice.of(device));
        var decoder = new FrameDecoder()) {
      ProbedEncoders encoders = lease.thing();
      MarlinArchitecture a = encoders.architecture();
      while (clips.hasNext()) {
        Row clip = clips.next();
        StoredClip stored = StoredClip.of(clip);
        int span = ClipWindow.span(a.frames(), stride);
        for (int start : starts(clip.<Integer>getAs("frames"), span, step).toArray()) {
          ClipWindow window = new ClipWindow(stored, start, a.frames(), stride);
          ByteBuffer pixels = window.pixels(decoder, a.image());
          byte[][] features = {
            bytes(encoders.trained().embed(1, pixels)[0]),
            bytes(encoders.untrained().embed(1, pixels)[0]),
            bytes(meanFrame(pixels, a.frames(), a.image()))
          };
          windows.add(
              RowFactory.create(
                  clip.getAs("clip_id"),
                  clip.getAs("track_id"),
                  start,
                  features,
                  attributes(clip.getAs("landmarks"), window)));
        }
      }
    }
    return windows.iterator();
  }

  /** Where the windows of a clip of so many frames begin. */
  static IntStream starts(int frames, int span, int step) {
    return IntStream.iterate(0, start -> start <= frames - span, start -> start + step);
  }

  private static byte[] bytes(float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES);
    bytes.asFloatBuffer().put(values);
    return bytes.array();
  }

  private static double[] attributes(byte[] landmarks, ClipWindow window) {
    int[] frames = IntStream.range(0, window.frames()).map(window::frame).toArray();
    return Arrays.stream(Attribute.values())
        .mapToDouble(attribute -> attribute.mean(landmarks, frames))
        .toArray();
  }

  /** The mean over time of {@code [T,side,side,3]}, averaged over squares of pixels. */
  static float[] meanFrame(ByteBuffer pixels, int frames, int side) {
    int square = Math.max(1, side / PIXELS_SIDE);
    int small = side / square;
    int[] sum = new int[small * small * 3];
    for (int t = 0; t < frames; t++) {
      for (int y = 0; y < small * square; y++) {
        for (int x = 0; x < small * square; x++) {
          int from = ((t * side + y) * side + x) * 3;
          int to = (y / square * small + x / square) * 3;
          for (int channel = 0; channel < 3; channel++) {
            sum[to + channel] += Byte.toUnsignedInt(pixels.get(from + channel));
          }
        }
      }
    }
    float count = (float) frames * square * square;
    float[] mean = new float[sum.length];
    for (int i = 0; i < mean.length; i++) {
      mean[i] = sum[i] / count;
    }
    return mean;
  }
}
