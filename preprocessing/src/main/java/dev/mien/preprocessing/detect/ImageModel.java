package dev.mien.preprocessing.detect;

import static org.bytedeco.opencv.global.opencv_core.CV_32FC3;
import static org.bytedeco.opencv.global.opencv_imgproc.COLOR_BGR2RGB;
import static org.bytedeco.opencv.global.opencv_imgproc.cvtColor;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.kTfLiteOk;

import java.nio.FloatBuffer;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.tensorflowlite.BuiltinOpResolver;
import org.bytedeco.tensorflowlite.FlatBufferModel;
import org.bytedeco.tensorflowlite.Interpreter;
import org.bytedeco.tensorflowlite.InterpreterBuilder;
import org.bytedeco.tensorflowlite.TfLiteTensor;

/**
 * A TensorFlow Lite model that takes one square RGB image. The image is converted directly into the
 * model's input, and outputs are views of its memory. Not thread-safe; close it.
 */
public final class ImageModel implements AutoCloseable {
  private final BytePointer bytes;
  private final FlatBufferModel model;
  private final BuiltinOpResolver resolver;
  private final InterpreterBuilder builder;
  private final Interpreter interpreter;
  private final int size;
  private final Mat input;
  private final Mat rgb = new Mat();

  private ImageModel(FaceModel file, int threads) {
    byte[] content = file.load();
    bytes = new BytePointer(content.length).put(content);
    model = FlatBufferModel.BuildFromBuffer(bytes, content.length);
    // This resolver brings XNNPACK, which is four times as fast as the built-in kernels, and the
    // only one to know the segmenter's transposed convolution.
    resolver = new BuiltinOpResolver();
    builder = new InterpreterBuilder(model, resolver);
    interpreter = new Interpreter((Pointer) null);
    check(builder.SetNumThreads(threads), "configured", file);
    check(builder.apply(interpreter), "built", file);
    check(interpreter.AllocateTensors(), "allocated", file);
    TfLiteTensor tensor = interpreter.input_tensor(0);
    size = tensor.dims().data(1); // [1,size,size,3]
    input = new Mat(size, size, CV_32FC3, interpreter.typed_input_tensor_float(0));
  }

  /**
   * Loads a model.
   *
   * @throws IllegalStateException when the model is missing, altered, or cannot run here
   */
  public static ImageModel open(FaceModel file, int threads) {
    return new ImageModel(file, threads);
  }

  /** Side in pixels of the image the model takes. */
  public int size() {
    return size;
  }

  /**
   * Runs the model.
   *
   * @param image {@code [size,size]} BGR uint8
   * @param scale factor applied to pixel values
   * @param shift added to them afterwards
   */
  public void run(Mat image, double scale, double shift) {
    cvtColor(image, rgb, COLOR_BGR2RGB);
    rgb.convertTo(input, CV_32FC3, scale, shift);
    int status = interpreter.Invoke();
    if (status != kTfLiteOk) {
      throw new IllegalStateException("Cannot run model: TensorFlow Lite status " + status);
    }
  }

  /** Copies output {@code index} to {@code values}, as many as fit. */
  void read(int index, float[] values) {
    FloatBuffer buffer =
        interpreter.typed_output_tensor_float(index).capacity(values.length).asBuffer();
    buffer.get(values);
  }

  /** Output {@code index}; valid and unchanged until the next {@link #run}. */
  public FloatPointer output(int index) {
    return interpreter.typed_output_tensor_float(index);
  }

  private static void check(int status, String step, FaceModel file) {
    if (status != kTfLiteOk) {
      throw new IllegalStateException(
          "Cannot use model " + file + ": not " + step + ", TensorFlow Lite status " + status);
    }
  }

  @Override
  public void close() {
    input.close();
    rgb.close();
    interpreter.close();
    builder.close();
    resolver.close();
    model.close();
    bytes.close();
  }
}
