package dev.mien.spark.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import dev.mien.model.parameters.ParameterVector;
import dev.mien.model.train.TrainingState;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.storage.Patience;
import java.io.FileNotFoundException;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.testng.annotations.Test;

public class CheckpointsTest extends CheckpointsFixture {

  @Test
  public void aStateComesBackAsItWas() throws IOException {
    TrainingState state = TrainingState.initial(TINY.model(), 5);
    checkpoints.write(manifest(3), Snapshots.of(state));

    Checkpoint read = checkpoints.newest(manifest -> {}, message -> {}).orElseThrow();

    assertThat(read.parameters()).isEqualTo(state.parameters());
    assertThat(read.moments()).containsExactly(state.firstMoment(), state.secondMoment());
    assertThat(read.manifest().round()).isEqualTo(3);
    assertThat(read.manifest().dataset()).isEqualTo("hdfs://data");
    assertThat(MienConfiguration.parse(read.manifest().configuration())).isEqualTo(TINY);
    assertThat(Checkpoints.model(hadoop, run.toUri().toString()).parameters())
        .isEqualTo(state.parameters());
  }

  @Test
  public void aDamagedCheckpointIsSkippedByName() throws IOException {
    checkpoints.write(manifest(1), initial(1));
    String newest = checkpoints.write(manifest(2), initial(2));
    Path model = run.resolve("checkpoints").resolve(newest).resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(model);
    bytes[bytes.length - 1] ^= 1;
    Files.write(model, bytes);

    List<String> skipped = new ArrayList<>();
    Checkpoint read = checkpoints.newest(manifest -> {}, skipped::add).orElseThrow();

    assertThat(read.manifest().round()).isEqualTo(1);
    assertThat(skipped).hasSize(1);
    assertThat(skipped.get(0)).startsWith("Skipped checkpoint round-00000002: ").contains("sha256");
  }

  @Test
  public void aWholeModelIsReadBesideFilesThatAreDamaged() throws IOException {
    checkpoints.write(manifest(1), initial(1));
    String newest = checkpoints.write(manifest(2), initial(2));
    Path optimiser = run.resolve("checkpoints").resolve(newest).resolve("optimiser.safetensors");
    Files.write(optimiser, new byte[7]);
    List<String> skipped = new ArrayList<>();

    assertThat(checkpoints.newest(manifest -> {}, message -> {}).orElseThrow().manifest().round())
        .isEqualTo(1);
    assertThat(checkpoints.newestModel(skipped::add).orElseThrow().manifest().round()).isEqualTo(2);
    assertThat(skipped).isEmpty();

    Path model = optimiser.resolveSibling("model.safetensors");
    Files.write(model, Arrays.copyOf(Files.readAllBytes(model), 1000));
    assertThat(checkpoints.newestModel(skipped::add).orElseThrow().manifest().round()).isEqualTo(1);
    assertThat(skipped).singleElement(STRING).startsWith("Skipped checkpoint round-00000002: ");
  }

  @Test
  public void aFileCutShortIsDamageToo() throws IOException {
    checkpoints.write(manifest(1), initial(1));
    String newest = checkpoints.write(manifest(2), initial(2));
    Path model = run.resolve("checkpoints").resolve(newest).resolve("model.safetensors");
    Files.write(model, Arrays.copyOf(Files.readAllBytes(model), 1000));

    assertThat(checkpoints.newest(manifest -> {}, message -> {}).orElseThrow().manifest().round())
        .isEqualTo(1);
  }

  @Test
  public void whatCannotBeReadJustNowIsNotTakenForDamage() throws IOException {
    checkpoints.write(manifest(1), initial(1));
    checkpoints.write(manifest(2), initial(2));
    Checkpoints troubled = troubled();
    List<String> skipped = new ArrayList<>();

    for (String file : List.of("model.safetensors", "manifest.json")) {
      TroubledFileSystem.unreadable = file;
      assertThatThrownBy(() -> troubled.newest(manifest -> {}, skipped::add))
          .isInstanceOf(IOException.class)
          .hasMessageContainingAll("checkpoints/round-00000002", file + " is not reachable");
    }
    assertThat(skipped).isEmpty();
  }

  @Test
  public void whatIsReadRightTheSecondTimeIsNotTakenForDamage() throws IOException {
    checkpoints.write(manifest(1), initial(1));
    Path model = run.resolve("checkpoints/round-00000001/model.safetensors");
    byte[] scrambled = Files.readAllBytes(model);
    scrambled[scrambled.length - 1] ^= 1;
    Path aside = Files.write(run.resolve("scrambled"), scrambled);
    Checkpoints troubled = troubled();
    List<String> skipped = new ArrayList<>();

    TroubledFileSystem.first = new AtomicReference<>(aside.toString());
    assertThat(troubled.newest(manifest -> {}, skipped::add)).isPresent();

    assertThat(TroubledFileSystem.first).hasValue(null);
    assertThat(skipped).isEmpty();
  }

  @Test
  public void aManifestOfAnotherFormatIsNotTakenForDamage() throws IOException {
    checkpoints.write(manifest(1), initial(1));
    String newest = checkpoints.write(manifest(2), initial(2));
    rewrite(newest, "\"format\": 1", "\"format\": 2");

    assertThatThrownBy(() -> checkpoints.newest(manifest -> {}, message -> {}))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("manifest.json is not a manifest of format 1");
  }

  @Test
  public void aManifestNamesNoFilesButThoseThatMienWrites() throws IOException {
    String name = checkpoints.write(manifest(1), initial(1));
    rewrite(name, "\"model.safetensors\"", "\"replica-00000/../../../model.safetensors\"");

    assertThatThrownBy(() -> Checkpoints.model(hadoop, run.toString()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("names a file replica-00000/../../../model.safetensors");
  }

  @Test
  public void aManifestIsSeenWholeOrNotAtAll() throws IOException {
    checkpoints.write(manifest(1), initial(1));
    Checkpoints troubled = troubled();
    TroubledFileSystem.full = "manifest.json";

    assertThatThrownBy(() -> troubled.write(manifest(2), initial(2)))
        .hasMessageContaining("No space left on device");
    assertThat(troubled.names()).containsExactly("round-00000001");
  }

  @Test
  public void whatCannotBeWrittenWholeMakesRoomAgain() throws IOException {
    Path cut = Files.createDirectories(run.resolve("checkpoints/round-00000002"));
    Files.writeString(cut.resolve("replica-00000-1.safetensors"), "kept");
    Checkpoints troubled = troubled();
    TroubledFileSystem.full = "manifest.json";

    assertThatThrownBy(() -> troubled.write(manifest(2), initial(2)))
        .hasMessageContaining("No space left on device");

    assertThat(cut.resolve("model.safetensors")).doesNotExist();
    assertThat(cut.resolve("optimiser.safetensors")).doesNotExist();
    assertThat(cut.resolve("replica-00000-1.safetensors"))
        .as("a round may go on from it")
        .hasContent("kept");
  }

  @Test
  public void ofAnImportThatFailsNothingIsLeft() throws IOException {
    Checkpoints troubled = troubled();
    TroubledFileSystem.full = "manifest.json";

    assertThatThrownBy(() -> importWeights("troubled:" + run.resolve("imported"), 1))
        .hasMessageContaining("No space left on device");

    assertThat(troubled.names()).isEmpty();
    assertThat(run.resolve("imported")).isEmptyDirectory();
  }

  @Test
  public void aSecondImportThatFailsLeavesTheFirst() throws IOException {
    troubled();
    String imported = "troubled:" + run.resolve("imported");
    importWeights(imported, 1);
    ParameterVector first = Checkpoints.model(hadoop, imported).parameters();
    TroubledFileSystem.full = "README.md"; // after the same weights, as an object store leaves them

    assertThatThrownBy(() -> importWeights(imported, 1))
        .hasMessageContaining("No space left on device");

    assertThat(Checkpoints.model(hadoop, imported).parameters()).isEqualTo(first);
  }

  private void importWeights(String uri, long seed) throws IOException {
    Manifest manifest = Manifest.imported(TINY, "weights.safetensors");
    ParameterVector weights = TrainingState.initial(TINY.model(), seed).parameters();
    Checkpoints.writeModel(hadoop, uri, manifest, weights);
  }

  @Test
  public void ofARunThatAnotherDriverHasTakenNothingIsChanged() throws IOException {
    TrainingState state = TrainingState.initial(TINY.model(), 1);
    Checkpoints former = checkpoints.ownedBy(RunOwner.take(hadoop, run.toString(), "app-1"));
    former.write(manifest(1), Snapshots.of(state));
    Checkpoints present = checkpoints.ownedBy(RunOwner.take(hadoop, run.toString(), "app-2"));
    present.write(manifest(2), Snapshots.of(state));
    Path begun = Files.createDirectories(run.resolve("checkpoints/round-00000003"));
    Files.writeString(begun.resolve("model.safetensors"), "of app-2");

    List<ThrowingCallable> changes =
        List.of(
            () -> former.write(manifest(3), Snapshots.of(state)),
            () -> former.keep(1, 0),
            () -> former.discard(3),
            () -> former.discardAttempts(2),
            () -> former.discardAfter(1, List.of("round-00000002")),
            former::discardUnfinished);

    for (ThrowingCallable change : changes) {
      assertThatThrownBy(change)
          .isInstanceOf(SupersededException.class)
          .hasMessageContainingAll(
              "is now that of another driver, app-2 since ", "this one, app-1 since ");
    }
    assertThat(present.names()).containsExactly("round-00000001", "round-00000002");
    assertThat(begun.resolve("model.safetensors")).hasContent("of app-2");
  }

  @Test
  public void aFileThatMayNotBeOpenedIsNotTakenForDamage() throws IOException {
    checkpoints.write(manifest(1), initial(1));
    checkpoints.write(manifest(2), initial(2));
    Checkpoints troubled = troubled();
    TroubledFileSystem.closed = true;

    for (String file : List.of("model.safetensors", "manifest.json")) {
      TroubledFileSystem.unreadable = file;
      assertThatThrownBy(() -> troubled.newest(manifest -> {}, message -> {}))
          .hasMessageContainingAll("Cannot read checkpoint", "Too many open files");
    }
  }

  @Test
  public void aFileThatIsNotThereIsDamage() throws IOException {
    checkpoints.write(manifest(1), initial(1));
    String newest = checkpoints.write(manifest(2), initial(2));
    Files.delete(run.resolve("checkpoints").resolve(newest).resolve("model.safetensors"));

    assertThat(checkpoints.newest(manifest -> {}, message -> {}).orElseThrow().manifest().round())
        .isEqualTo(1);
  }

  private void rewrite(String checkpoint, String from, String to) throws IOException {
    Path manifest = run.resolve("checkpoints").resolve(checkpoint).resolve("manifest.json");
    Files.writeString(manifest, Files.readString(manifest).replace(from, to));
    Files.deleteIfExists(manifest.resolveSibling(".manifest.json.crc"));
  }

  /** The same files, by a file system that does not always do what it is asked. */
  private Checkpoints troubled() throws IOException {
    TroubledFileSystem.unreadable = "";
    TroubledFileSystem.closed = false;
    TroubledFileSystem.full = "";
    hadoop.setClass("fs.troubled.impl", TroubledFileSystem.class, RawLocalFileSystem.class);
    return new Checkpoints(hadoop, "troubled:" + run);
  }

  @Test
  public void aCheckpointCutShortIsNone() throws IOException {
    String name = checkpoints.write(manifest(1), initial(1));
    Files.delete(run.resolve("checkpoints").resolve(name).resolve("manifest.json"));

    assertThat(checkpoints.names()).isEmpty();
    assertThat(checkpoints.newest(manifest -> {}, message -> {})).isEmpty();
    assertThatThrownBy(() -> Checkpoints.model(hadoop, run.toString()))
        .isInstanceOf(FileNotFoundException.class)
        .hasMessageContaining("No checkpoint at " + run);
  }

  @Test
  public void whatCannotBeWrittenIsToldAtTheNextCallAndTheLastOneStays() throws IOException {
    TrainingState state = TrainingState.initial(TINY.model(), 1);
    try (CheckpointWriter writer =
        new CheckpointWriter(checkpoints, TINY.checkpoints(), Patience.NONE, "")) {
      writer.write(manifest(1), Snapshots.of(state));
      writer.await();
      Path full = run.resolve("checkpoints/round-00000002/model.safetensors");
      Files.createDirectories(full.getParent());
      Files.createSymbolicLink(full, Path.of("/dev/full"));

      writer.write(manifest(2), Snapshots.of(state));

      assertThatThrownBy(() -> writer.write(manifest(3), Snapshots.of(state)))
          .isInstanceOf(IOException.class)
          .hasMessageContainingAll("Cannot write a checkpoint: ", "No space left on device");
    }
    assertThat(checkpoints.names()).containsExactly("round-00000001");
    assertThat(checkpoints.newest(manifest -> {}, message -> {})).isPresent();
  }

  /** Local files, of which one cannot be read, or not be written whole. */
  public static final class TroubledFileSystem extends RawLocalFileSystem {

    private static String unreadable = "";
    private static boolean closed;
    private static String full = "";

    /** What is read when a model is opened first. */
    private static AtomicReference<String> first = new AtomicReference<>();

    @Override
    public URI getUri() {
      return URI.create("troubled:///");
    }

    @Override
    public FSDataInputStream open(org.apache.hadoop.fs.Path path, int bufferSize)
        throws IOException {
      if (path.getName().equals(unreadable) && closed) {
        throw new FileNotFoundException(path + " (Too many open files)"); // as Java has it
      }
      if (path.getName().equals(unreadable)) {
        throw new IOException(path + " is not reachable");
      }
      String instead = path.getName().equals("model.safetensors") ? first.getAndSet(null) : null;
      if (instead != null) {
        return super.open(new org.apache.hadoop.fs.Path(instead), bufferSize);
      }
      return super.open(path, bufferSize);
    }

    @Override
    protected OutputStream createOutputStreamWithMode(
        org.apache.hadoop.fs.Path path, boolean append, FsPermission permission)
        throws IOException {
      OutputStream file = super.createOutputStreamWithMode(path, append, permission);
      if (full.isEmpty() || !path.getName().startsWith(full)) {
        return file;
      }
      return new FilterOutputStream(file) {
        @Override
        public void write(int value) throws IOException {
          super.write(value);
          throw new IOException("No space left on device");
        }
      };
    }
  }
}
