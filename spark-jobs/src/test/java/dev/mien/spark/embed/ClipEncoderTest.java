package dev.mien.spark.embed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import dev.mien.model.marlin.WindowSampling;
import dev.mien.model.train.TrainingState;
import dev.mien.preprocessing.picture.FrameFormat;
import dev.mien.spark.LostMountFileSystem;
import dev.mien.spark.config.EmbeddingOptions;
import dev.mien.spark.config.EmbeddingOptions.Output;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.clip.StoredClip;
import dev.mien.spark.run.Checkpoints;
import dev.mien.spark.run.Manifests;
import dev.mien.spark.run.ModelExport;
import dev.mien.spark.run.Snapshots;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.testng.annotations.Test;

public class ClipEncoderTest {

  private static final MienConfiguration TINY =
      MienConfiguration.load(
          Optional.of("tiny"),
          Optional.empty(),
          List.of(
              "model { image = 56, patch = 14, encoder.width = 24, decoder.width = 12 }",
              "embedding.stride = 2"));

  private static final EmbeddingOptions AS_TRAINED =
      new EmbeddingOptions(8, 0, 16, WindowSampling.Tail.COVERED, Output.POOLED);

  private final Configuration hadoop = new Configuration();

  @Test
  public void anExportedModelEmbedsAsTheRunItCameFrom() throws IOException {
    Path run = Files.createTempDirectory("run");
    Path export = Files.createTempDirectory("export");
    write(run.toString());
    ModelExport.write(hadoop, run.toString(), ModelExport.Format.DJL, export.toString());

    SplittableRandom random = new SplittableRandom(6);
    List<ClipEncoder.Window> windows = Stream.generate(() -> window(random)).limit(3).toList();
    // by path and by URL, as Spark's users name folders
    for (String url : List.of(export.toString(), export.toUri().toString())) {
      try (ClipEncoder trained = open(run.toString());
          ClipEncoder exported = open(url)) {
        StoredClip clip = windows.get(0).clip();
        assertThat(exported.windows(clip, TINY.embedding()))
            .hasSameSizeAs(trained.windows(clip, TINY.embedding()));
        List<float[]> expected = trained.embed(windows, Output.POOLED);
        List<float[]> actual = exported.embed(windows, Output.POOLED);
        assertThat(actual).hasSize(3);
        for (int i = 0; i < 3; i++) {
          assertThat(trained.embed(windows, Output.SEQUENCE).get(i))
              .hasSize(24 * TINY.model().tokens());
          assertThat(actual.get(i)).hasSize(24).containsExactly(expected.get(i), within(1e-5f));
        }
      }
    }
  }

  @Test
  public void tasksOfOneProcessShareANetwork() throws IOException {
    String run = Files.createTempDirectory("run").toString();
    write(run);
    List<ClipEncoder.Window> windows = List.of(window(new SplittableRandom(7)));
    EncoderModel model = EncoderModel.find(hadoop, run);
    try (ClipEncoder first = ClipEncoder.open(hadoop, model, 4, Device.cpu())) {
      float[] expected = first.embed(windows, Output.POOLED).get(0);
      long read = bytesRead();
      try (ClipEncoder second = ClipEncoder.open(hadoop, model, 2, Device.cpu())) {
        assertThat(second.embed(windows, Output.POOLED).get(0)).containsExactly(expected);
        assertThat(bytesRead()).as("by the first alone").isEqualTo(read);
      }
      assertThat(first.embed(windows, Output.POOLED).get(0)).containsExactly(expected);
    }
    long read = bytesRead();
    ClipEncoder.open(hadoop, model, 4, Device.cpu()).close();
    assertThat(bytesRead()).as("anew, since the last has closed it").isGreaterThan(read);
  }

  private static long bytesRead() {
    return FileSystem.getGlobalStorageStatistics().get("file").getLong("bytesRead");
  }

  @Test
  public void anExportedModelWhoseProvenanceIsNoneIsNamed() throws IOException {
    String run = Files.createTempDirectory("run").toString();
    Path export = Files.createTempDirectory("export");
    write(run);
    ModelExport.write(hadoop, run, ModelExport.Format.DJL, export.toString());
    Files.deleteIfExists(export.resolve(".provenance.json.crc"));

    for (String provenance : List.of("{", "[1]", "{\"configuration\": {}}")) {
      Files.writeString(export.resolve("provenance.json"), provenance);
      assertThatThrownBy(
              () -> EncoderModel.find(hadoop, export.toString()).options(hadoop, AS_TRAINED))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "Unknown stride of model %s: its provenance.json is not JSON of names and texts (give"
                  + " the stride as embedding.stride, or export the run again)",
              export);
    }
  }

  @Test
  public void aFolderThatIsNeitherIsNamed() throws IOException {
    String empty = Files.createTempDirectory("empty").toString();
    assertThatThrownBy(() -> open(empty))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "No model at %s (must be the folder of a run, of a checkpoint or of an export for DJL)",
            empty);
  }

  @Test
  public void anExportOfSafetensorsIsNoModelToEmbedWith() throws IOException {
    String run = Files.createTempDirectory("run").toString();
    write(run);
    for (ModelExport.Format format :
        List.of(ModelExport.Format.SAFETENSORS, ModelExport.Format.HUGGINGFACE)) {
      String export = Files.createTempDirectory("export").toString();
      ModelExport.write(hadoop, run, format, export);

      assertThatThrownBy(() -> EncoderModel.find(hadoop, export))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "Invalid model: %s is an export of safetensors (must be a run, a checkpoint or an"
                  + " export for DJL: import it with mien import, or export the run with"
                  + " --format djl)",
              export);
    }
  }

  @Test
  public void anExportedModelThatCannotBeReadIsNamed() throws IOException {
    String run = Files.createTempDirectory("run").toString();
    String export = Files.createTempDirectory("export").toString();
    write(run);
    ModelExport.write(hadoop, run, ModelExport.Format.DJL, export);
    LostMountFileSystem.mount(hadoop);
    LostMountFileSystem.lose(path -> true);
    try {
      EncoderModel found = EncoderModel.find(hadoop, "lost:" + export);
      assertThatThrownBy(() -> ClipEncoder.open(hadoop, found, 4, Device.cpu()))
          .isInstanceOf(IOException.class)
          .hasMessageMatching("Cannot read .*/serving.properties: Input/output error");
      assertThatThrownBy(() -> found.options(hadoop, AS_TRAINED))
          .isInstanceOf(UncheckedIOException.class)
          .hasRootCauseMessage("Input/output error")
          .cause()
          .hasMessageMatching("Cannot read .*/provenance.json: Input/output error");
    } finally {
      LostMountFileSystem.lose(path -> false);
    }
  }

  @Test
  public void moreWindowsThanABufferHoldsAreRefused() throws IOException {
    String run = Files.createTempDirectory("run").toString();
    write(run);
    assertThatThrownBy(
            () -> ClipEncoder.open(hadoop, EncoderModel.find(hadoop, run), 1 << 16, Device.cpu()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Invalid batch size: 65536 windows of ");
  }

  private void write(String run) throws IOException {
    new Checkpoints(hadoop, run)
        .write(Manifests.of(1, TINY), Snapshots.of(TrainingState.initial(TINY.model(), 5)));
  }

  private ClipEncoder open(String url) throws IOException {
    return ClipEncoder.open(hadoop, EncoderModel.find(hadoop, url), 4, Device.cpu());
  }

  private static ClipEncoder.Window window(SplittableRandom random) {
    int side = TINY.model().image();
    List<byte[]> frames =
        Stream.generate(
                () -> {
                  byte[] frame = new byte[side * side * 3];
                  random.nextBytes(frame);
                  return frame;
                })
            .limit(TINY.model().frames())
            .toList();
    return new ClipEncoder.Window(
        new StoredClip("noise", side, side, FrameFormat.RAW, frames),
        IntStream.range(0, frames.size()).toArray());
  }
}
