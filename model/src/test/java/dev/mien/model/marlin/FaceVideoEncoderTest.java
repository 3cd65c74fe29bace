package dev.mien.model.marlin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ModelException;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.repository.zoo.Criteria;
import ai.djl.translate.TranslateException;
import dev.mien.model.Reference;
import dev.mien.model.parameters.ParameterLayout;
import dev.mien.model.parameters.ParameterVector;
import dev.mien.model.parameters.Safetensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.testng.SkipException;
import org.testng.annotations.Test;

public class FaceVideoEncoderTest {
  private static final Safetensors FILE = Reference.tiny();
  private static final MarlinArchitecture TINY = Reference.architecture(FILE);

  @Test
  public void pooledFeaturesAreTheReferences() {
    float[] expected = Reference.floats(FILE, "expect.features_pooled");
    try (var encoder = FaceVideoEncoder.open(TINY, Reference.weights(FILE), Device.cpu());
        NDManager scope = encoder.scope()) {
      NDArray clips = scope.create(Reference.clips(FILE), new Shape(2, 4, 32, 32, 3));
      float[] actual = encoder.embed(clips).toFloatArray();
      for (int i = 0; i < expected.length; i++) {
        assertThat(actual[i]).as("value %d", i).isCloseTo(expected[i], within(2e-5f));
      }
    }
  }

  @Test
  public void everyTokensFeaturesAreTheReferences() {
    float[] expected = Reference.floats(FILE, "expect.features_tokens");
    try (var encoder = FaceVideoEncoder.open(TINY, Reference.weights(FILE), Device.cpu());
        NDManager scope = encoder.scope()) {
      NDArray clips = scope.create(Reference.clips(FILE), new Shape(2, 4, 32, 32, 3));
      float[] actual = encoder.sequence(clips).toFloatArray();
      assertThat(actual).hasSize(2 * TINY.tokens() * 24);
      for (int i = 0; i < expected.length; i++) {
        assertThat(actual[i]).as("value %d", i).isCloseTo(expected[i], within(5e-5f));
      }
    }
  }

  @Test
  public void bytesStandForTheUnitInterval() {
    ByteBuffer pixels = noise(1, 10);
    var scaled = new float[TINY.clipBytes()];
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] = Byte.toUnsignedInt(pixels.get(i)) / 255f;
    }
    try (var encoder = FaceVideoEncoder.open(TINY, Reference.weights(FILE), Device.cpu());
        NDManager scope = encoder.scope()) {
      float[] expected =
          encoder.embed(scope.create(scaled, new Shape(1, 4, 32, 32, 3))).toFloatArray();
      assertThat(encoder.embed(1, pixels)[0]).containsExactly(expected);
    }
  }

  @Test
  public void manyThreadsEmbedAtOnceAsOneDoesAlone() throws IOException {
    ParameterVector weights = Reference.weights(FILE);
    Path directory = Files.createTempDirectory("export");
    EncoderExport.write(directory, TINY, weights, Map.of("code", "test"));
    try (VideoEncoder trained = FaceVideoEncoder.open(TINY, weights, Device.cpu());
        VideoEncoder exported = ExportedEncoder.open(directory, Device.cpu())) {
      for (VideoEncoder encoder : List.of(trained, exported)) {
        List<ByteBuffer> inputs = IntStream.range(0, 64).mapToObj(i -> noise(2, 20 + i)).toList();
        // First, since a network makes its plans on its first pass.
        List<float[][]> atOnce =
            inputs.parallelStream().map(pixels -> encoder.embed(2, pixels)).toList();
        List<float[][]> alone = inputs.stream().map(pixels -> encoder.embed(2, pixels)).toList();
        for (int i = 0; i < inputs.size(); i++) {
          assertThat(atOnce.get(i))
              .as("%s, seed %d", encoder.getClass(), 20 + i)
              .isDeepEqualTo(alone.get(i));
        }
      }
    }
  }

  @Test
  public void anExportLoadedByDjlAloneGivesTheSameEmbeddings()
      throws IOException, ModelException, TranslateException {
    Path directory = Files.createTempDirectory("export");
    ParameterVector weights = Reference.weights(FILE);
    EncoderExport.write(directory, TINY, weights, Map.of("code", "test"));
    ByteBuffer pixels = noise(2, 11);
    var criteria =
        Criteria.builder()
            .setTypes(NDList.class, NDList.class)
            .optModelUrls(directory.toUri().toString())
            .optEngine("PyTorch")
            .optDevice(Device.cpu())
            .build();
    try (var encoder = FaceVideoEncoder.open(TINY, weights, Device.cpu());
        var model = criteria.loadModel();
        var predictor = model.newPredictor();
        NDManager scope = model.getNDManager().newSubManager()) {
      float[][] expected = encoder.embed(2, pixels);
      NDArray clips = scope.create(pixels, new Shape(2, 4, 32, 32, 3), DataType.UINT8);
      for (int repeat = 0; repeat < 3; repeat++) {
        NDArray actual = predictor.predict(new NDList(clips)).singletonOrThrow();
        assertThat(actual.getShape()).isEqualTo(new Shape(2, 24));
        float[] values = actual.toFloatArray();
        for (int i = 0; i < values.length; i++) {
          assertThat(values[i]).isCloseTo(expected[i / 24][i % 24], within(1e-5f));
        }
      }
    }
  }

  /** As DJL's Spark extension and DJL Serving do; no class of Mien's but the one that is named. */
  @Test
  public void aClipOfImagesGoesThroughTheFactoryThatTheDirectoryNames()
      throws IOException, ModelException, TranslateException {
    Path directory = Files.createTempDirectory("export");
    EncoderExport.write(directory, TINY, Reference.weights(FILE), Map.of("code", "test"));
    var properties = new Properties();
    try (var in = Files.newBufferedReader(directory.resolve("serving.properties"))) {
      properties.load(in);
    }
    var criteria =
        Criteria.builder()
            .setTypes(Image[].class, float[].class)
            .optEngine("PyTorch")
            .optModelUrls(directory.toUri().toString())
            .optArgument("translatorFactory", properties.getProperty("translatorFactory"))
            .build();
    ByteBuffer pixels = noise(1, 14);
    var clip = new Image[4];
    for (int t = 0; t < 4; t++) {
      var rgb = new int[32 * 32];
      for (int i = 0; i < rgb.length; i++) {
        int at = (t * rgb.length + i) * 3;
        rgb[i] =
            (Byte.toUnsignedInt(pixels.get(at)) << 16)
                | (Byte.toUnsignedInt(pixels.get(at + 1)) << 8)
                | Byte.toUnsignedInt(pixels.get(at + 2));
      }
      clip[t] = ImageFactory.getInstance().fromPixels(rgb, 32, 32);
    }
    try (var encoder = FaceVideoEncoder.open(TINY, Reference.weights(FILE), Device.cpu());
        var model = criteria.loadModel();
        var predictor = model.newPredictor()) {
      float[] expected = encoder.embed(1, pixels)[0];
      float[] actual = predictor.predict(clip);
      assertThat(actual).hasSize(24);
      for (int i = 0; i < actual.length; i++) {
        assertThat(actual[i]).as("value %d", i).isCloseTo(expected[i], within(1e-5f));
      }
      assertThatThrownBy(() -> predictor.predict(new Image[3]))
          .hasStackTraceContaining("Invalid clip: 3 frames (must be 4)");
    }
  }

  @Test
  public void anExportKnowsItsGeometryAndNeedsItsFilesOnlyToOpen() throws IOException {
    Path directory = Files.createTempDirectory("export");
    ParameterVector weights = Reference.weights(FILE);
    EncoderExport.write(directory, TINY, weights, Map.of("code", "test"));
    ByteBuffer pixels = noise(2, 13);
    try (var encoder = FaceVideoEncoder.open(TINY, weights, Device.cpu());
        var exported = ExportedEncoder.open(directory, Device.cpu())) {
      Files.delete(directory.resolve("encoder.pt"));
      assertThat(exported.frames()).isEqualTo(4);
      assertThat(exported.image()).isEqualTo(32);
      float[][] expected = encoder.embed(2, pixels);
      float[][] actual = exported.embed(2, pixels);
      for (int clip = 0; clip < 2; clip++) {
        assertThat(actual[clip]).containsExactly(expected[clip], within(1e-5f));
      }
      assertThatThrownBy(() -> exported.embed(1, pixels))
          .hasMessageStartingWith("Invalid pixels: 24576 bytes for 1 clips");
    }
  }

  /** DJL closes a model that nothing refers to. */
  @Test
  public void anOpenExportOutlivesACollectionOfGarbage() throws IOException {
    Path directory = Files.createTempDirectory("export");
    EncoderExport.write(directory, TINY, Reference.weights(FILE), Map.of("code", "test"));
    try (var exported = ExportedEncoder.open(directory, Device.cpu())) {
      System.gc();
      System.runFinalization();
      assertThat(exported.embed(1, noise(1, 15))).hasDimensions(1, 24);
    }
  }

  @Test
  public void clipsThatTheNetworkRefusesAreSaidSo() throws IOException {
    Path directory = Files.createTempDirectory("export");
    EncoderExport.write(directory, TINY, Reference.weights(FILE), Map.of("code", "test"));
    Path properties = directory.resolve("serving.properties");
    String written = Files.readString(properties);
    Files.writeString(properties, written.replace("image=32", "image=40"));
    var large = ByteBuffer.allocateDirect(4 * 40 * 40 * 3);
    try (var exported = ExportedEncoder.open(directory, Device.cpu())) {
      for (int repeat = 0; repeat < 2; repeat++) {
        assertThatThrownBy(() -> exported.embed(1, large))
            .isInstanceOf(IllegalStateException.class)
            .hasMessage("Cannot embed 1 clips")
            .hasCauseInstanceOf(EngineException.class);
      }
    }
  }

  @Test
  public void aDirectoryWithoutGeometryIsRefused() throws IOException {
    Path directory = Files.createTempDirectory("export");
    Files.writeString(directory.resolve("serving.properties"), "engine=PyTorch\nframes=16\n");
    assertThatThrownBy(() -> ExportedEncoder.open(directory, Device.cpu()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("serving.properties says image = nothing");
  }

  @Test
  public void aDirectoryThatLibtorchRefusesIsNamed() throws IOException {
    Path directory = Files.createTempDirectory("export");
    EncoderExport.write(directory, TINY, Reference.weights(FILE), Map.of("code", "test"));
    Files.writeString(directory.resolve("encoder.pt"), "no archive");
    assertThatThrownBy(() -> ExportedEncoder.open(directory, Device.cpu()))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("Cannot load the model in " + directory + ": ");
  }

  @Test
  public void aGpuThatIsNotThereIsNamedBeforeAModelIsLoaded() throws IOException {
    if (Engine.getEngine("PyTorch").getGpuCount() > 0) {
      throw new SkipException("needs a machine without a GPU");
    }
    Path directory = Files.createTempDirectory("export");
    EncoderExport.write(directory, TINY, Reference.weights(FILE), Map.of("code", "test"));
    assertThatThrownBy(() -> ExportedEncoder.open(directory, Device.gpu(1)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "No gpu(1): PyTorch sees 0 GPUs (needs NVIDIA's driver, CUDA's libcudart 12, and"
                + " ai.djl.pytorch:pytorch-native-cu128 ahead of mien.jar on the class path, as"
                + " deploy/gpu/README.md says; or set training.device = cpu)");
  }

  @Test
  public void aClipDoesNotDependOnItsBatch() {
    ByteBuffer pixels = noise(3, 12);
    try (var encoder = FaceVideoEncoder.open(TINY, Reference.weights(FILE), Device.cpu())) {
      float[][] together = encoder.embed(3, pixels);
      var alone = ByteBuffer.allocateDirect(TINY.clipBytes());
      alone.put(0, pixels, TINY.clipBytes(), TINY.clipBytes());
      float[] one = encoder.embed(1, alone)[0];
      assertThat(together).hasDimensions(3, 24);
      for (int i = 0; i < one.length; i++) {
        assertThat(one[i]).isCloseTo(together[1][i], within(1e-5f));
      }
      assertThat(together[0]).isNotEqualTo(together[1]);
    }
  }

  @Test
  public void namesWhatIsWrong() {
    try (var encoder = FaceVideoEncoder.open(TINY, Reference.weights(FILE), Device.cpu())) {
      assertThatThrownBy(() -> encoder.embed(2, noise(1, 0)))
          .hasMessage(
              "Invalid pixels: 12288 bytes for 2 clips (must be a direct buffer of 12288 each)");
    }
    var other =
        ParameterVector.zeros(
            new ParameterLayout(
                List.of(new ParameterLayout.Parameter("encoder.norm.weight", List.of(24)))));
    assertThatThrownBy(() -> FaceVideoEncoder.open(TINY, other, Device.cpu()))
        .hasMessage("Unknown parameter: encoder.patch_embedding.projection.weight");
  }

  private static ByteBuffer noise(int clips, long seed) {
    var pixels = new byte[clips * TINY.clipBytes()];
    new SplittableRandom(seed).nextBytes(pixels);
    return ByteBuffer.allocateDirect(pixels.length).put(pixels).flip();
  }

  private static org.assertj.core.data.Offset<Float> within(float tolerance) {
    return org.assertj.core.data.Offset.offset(tolerance);
  }
}
