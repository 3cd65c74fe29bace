package dev.mien.model.marlin;

import ai.djl.Model;
import ai.djl.modality.cv.Image;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.translate.Batchifier;
import ai.djl.translate.NoBatchifyTranslator;
import ai.djl.translate.NoopTranslator;
import ai.djl.translate.TranslateException;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorContext;
import ai.djl.translate.TranslatorFactory;
import ai.djl.util.Pair;
import java.io.Serializable;
import java.lang.reflect.Type;
import java.util.Map;
import java.util.Set;

/**
 * Translates for an exported encoder in DJL: from {@code Image[]}, a clip of T square frames of any
 * size, to {@code float[]}, its embedding; or from {@code NDList} to {@code NDList}, as the network
 * has them. {@code serving.properties} names this class as {@code translatorFactory}.
 */
public final class ClipTranslatorFactory implements TranslatorFactory, Serializable {
  private static final long serialVersionUID = 1L;

  @Override
  public Set<Pair<Type, Type>> getSupportedTypes() {
    return Set.of(new Pair<>(Image[].class, float[].class), new Pair<>(NDList.class, NDList.class));
  }

  @Override
  @SuppressWarnings("unchecked") // the two pairs of types
  public <I, O> Translator<I, O> newInstance(
      Class<I> input, Class<O> output, Model model, Map<String, ?> arguments)
      throws TranslateException {
    if (input == NDList.class && output == NDList.class) {
      return (Translator<I, O>) new NoopTranslator((Batchifier) null);
    }
    if (input == Image[].class && output == float[].class) {
      return (Translator<I, O>)
          new ClipTranslator(
              number(arguments, EncoderExport.FRAMES), number(arguments, EncoderExport.IMAGE));
    }
    throw new TranslateException(
        "Unsupported types: %s to %s (must be Image[] to float[], or NDList to NDList)"
            .formatted(input.getSimpleName(), output.getSimpleName()));
  }

  private static int number(Map<String, ?> arguments, String key) throws TranslateException {
    String value = String.valueOf(arguments.get(key));
    if (!value.matches("[1-9]\\d{0,4}")) {
      throw new TranslateException(
          "Invalid argument: %s = %s (must be a positive number, as %s has it)"
              .formatted(key, value, EncoderExport.PROPERTIES));
    }
    return Integer.parseInt(value);
  }

  /**
   * Translates one clip at a time: frames become {@code [1,T,H,W,3]}, the network returns {@code
   * [1,width]}.
   */
  private record ClipTranslator(int frames, int image)
      implements NoBatchifyTranslator<Image[], float[]> {

    @Override
    public NDList processInput(TranslatorContext context, Image[] clip) throws TranslateException {
      if (clip.length != frames) {
        throw new TranslateException(
            "Invalid clip: %d frames (must be %d)".formatted(clip.length, frames));
      }
      var arrays = new NDList(frames);
      for (Image frame : clip) {
        if (frame.getWidth() != frame.getHeight()) {
          throw new TranslateException(
              "Invalid frame: %d by %d (must be square)"
                  .formatted(frame.getWidth(), frame.getHeight()));
        }
        Image scaled = frame.getWidth() == image ? frame : frame.resize(image, image, true);
        // (H,W,3), RGB
        arrays.add(scaled.toNDArray(context.getNDManager(), Image.Flag.COLOR));
      }
      NDArray pixels = NDArrays.stack(arrays).toType(DataType.UINT8, false);
      return new NDList(pixels.expandDims(0));
    }

    @Override
    public float[] processOutput(TranslatorContext context, NDList embeddings) {
      return embeddings.singletonOrThrow().toFloatArray();
    }
  }
}
