package dev.mien.spark.run;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import dev.mien.model.marlin.MarlinArchitecture;
import dev.mien.model.parameters.ParameterLayout;
import dev.mien.model.parameters.ParameterVector;
import dev.mien.model.parameters.Tensor;
import dev.mien.spark.config.InvalidConfigurationException;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.run.Checkpoints.Model;
import dev.mien.spark.run.Manifest.StoredFile;
import dev.mien.spark.run.Snapshot.Values;
import dev.mien.spark.storage.DamagedException;
import dev.mien.spark.storage.WholeFile;
import dev.mien.spark.storage.Writing;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The folder of one checkpoint:
 *
 * <ul>
 *   <li>{@code model.safetensors}: generator and discriminator, by the reference's names;
 *   <li>{@code optimiser.safetensors}: AdamW's moments, {@code first_moment.<name>} and {@code
 *       second_moment.<name>}, where they are averaged;
 *   <li>{@code outer.safetensors}: {@code outer_momentum.<name>}, where the driver takes steps;
 *   <li>{@code replica-<number>-<attempt>.safetensors}: a {@link ReplicaFile} a replica, where they
 *       keep something;
 *   <li>{@code README.md}: the {@link ModelCard};
 *   <li>{@code manifest.json}: the {@link Manifest}, with size and sha256 of the safetensors.
 * </ul>
 *
 * The manifest is written last, as a {@link WholeFile}, and deleted first, so a checkpoint is whole
 * or none on object stores too. One whose files do not match its manifest is not read.
 *
 * @param owner who alone may change it
 */
record CheckpointFolder(FileSystem files, Path path, RunOwner owner) {

  /** A folder in which no driver trains. */
  CheckpointFolder(FileSystem files, Path path) {
    this(files, path, RunOwner.ANYBODY);
  }

  static final String MODEL = "model.safetensors";
  private static final String OPTIMISER = "optimiser.safetensors";
  private static final String OUTER = "outer.safetensors";
  private static final String MANIFEST = "manifest.json";

  private static final String FIRST_MOMENT = "first_moment.";
  private static final String SECOND_MOMENT = "second_moment.";
  private static final String OUTER_MOMENTUM = "outer_momentum.";

  /** Whether there is a whole checkpoint, going by its manifest. */
  boolean isWhole() throws IOException {
    return manifestFile().exists();
  }

  /**
   * Reads the manifest.
   *
   * @throws DamagedException when it is not a manifest
   * @throws IOException when it cannot be read, or is of a format that this version of Mien does
   *     not know
   */
  Manifest manifest() throws IOException {
    WholeFile file = manifestFile();
    try {
      Manifest manifest = new Gson().fromJson(file.text(), Manifest.class);
      if (manifest == null) {
        throw new DamagedException(file + " is empty");
      }
      if (manifest.format() != Manifest.FORMAT) {
        throw new IOException(
            "%s is not a manifest of format %d but of %d (take the version of Mien that wrote it)"
                .formatted(file, Manifest.FORMAT, manifest.format()));
      }
      if (manifest.files() == null || manifest.configuration() == null) {
        throw new DamagedException(file + " names no files, or no configuration");
      }
      for (String name : manifest.files().keySet()) {
        if (!isName(name)) {
          throw new IOException(
              file
                  + " names a file "
                  + name
                  + ", which Mien does not write (use a checkpoint of a source you trust)");
        }
      }
      return manifest;
    } catch (JsonParseException e) {
      throw new DamagedException(file + " is not JSON: " + e.getMessage(), e);
    }
  }

  /**
   * Whether a file name in a manifest is plain: the manifest may be anybody's, and the files that
   * it names are opened.
   */
  private static boolean isName(String name) {
    return List.of(MODEL, OPTIMISER, OUTER).contains(name) || ReplicaFile.isName(name);
  }

  /**
   * Reads the model without the optimiser's moments.
   *
   * @throws DamagedException when its file is not what the manifest says
   * @throws IOException when it cannot be read
   */
  Model model() throws IOException {
    Manifest manifest = manifest();
    MarlinArchitecture architecture = storedArchitecture(manifest);
    try {
      return new Model(
          manifest,
          architecture,
          ParameterVector.of(architecture.layout(), "", tensors(MODEL, manifest)));
    } catch (IllegalArgumentException e) {
      throw notItsModel(e);
    }
  }

  /**
   * Reads all that a run resumes from.
   *
   * @param check applied to the manifest before the files are read
   * @throws DamagedException when a file, or a replica's file, is not what the manifest says
   * @throws IOException when it cannot be read
   */
  Checkpoint read(Checkpoints.ManifestCheck check) throws IOException {
    Manifest manifest = manifest();
    if (manifest.round() == 0) {
      throw new IOException(path + " holds imported weights (begin a run with --init)");
    }
    check.require(manifest);
    ParameterLayout layout = storedArchitecture(manifest).layout();
    verifyReplicas(manifest);
    try {
      return new Checkpoint(
          manifest,
          ParameterVector.of(layout, "", tensors(MODEL, manifest)),
          vectors(OPTIMISER, manifest, layout, FIRST_MOMENT, SECOND_MOMENT),
          vectors(OUTER, manifest, layout, OUTER_MOMENTUM).stream().findFirst());
    } catch (IllegalArgumentException e) {
      throw notItsModel(e);
    }
  }

  /** Verifies several files at once, since many replicas' files are many bytes. */
  private void verifyReplicas(Manifest manifest) throws IOException {
    try {
      ReplicaFile.among(manifest.files()).entrySet().parallelStream()
          .forEach(
              replica -> {
                try {
                  StateFile.verify(files, new Path(path, replica.getKey()), replica.getValue());
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** The network of a configuration that another version of Mien may have written. */
  private MarlinArchitecture storedArchitecture(Manifest manifest) throws IOException {
    try {
      return architecture(manifest);
    } catch (InvalidConfigurationException e) {
      throw new IOException(
          "This Mien refuses the configuration that checkpoint %s was made by, of Mien %s: %s"
              .formatted(path, manifest.code(), e.getMessage()),
          e);
    }
  }

  private DamagedException notItsModel(IllegalArgumentException reason) {
    return new DamagedException(path + " does not hold its model: " + reason.getMessage(), reason);
  }

  /**
   * Writes a model without the optimiser's moments.
   *
   * @throws IOException when it cannot be written; nothing that this has written is left then,
   *     unless the folder held a checkpoint before, which may still be whole
   */
  void write(Manifest manifest, ParameterVector parameters) throws IOException {
    if (isWhole()) {
      Writing.write(() -> put(manifest, parameters));
    } else {
      writeOrRemove(() -> put(manifest, parameters));
    }
  }

  private void put(Manifest manifest, ParameterVector parameters) throws IOException {
    Values values = (from, count) -> Arrays.copyOfRange(parameters.values(), from, from + count);
    StoredFile model = write(MODEL, manifest, parameters.layout(), Map.of("", values));
    finish(manifest.withFiles(Map.of(MODEL, model)));
  }

  /**
   * Writes all that a run resumes from, but for the replicas' files, which the replicas have
   * written.
   *
   * @throws IOException when it cannot be written; nothing that this has written is left then
   */
  void write(Manifest manifest, Snapshot snapshot) throws IOException {
    owner.require();
    writeOrRemove(() -> put(manifest, snapshot));
  }

  private void writeOrRemove(Writing writing) throws IOException {
    try {
      Writing.write(writing);
    } catch (IOException e) {
      remove(e);
      throw e;
    }
  }

  private void put(Manifest manifest, Snapshot snapshot) throws IOException {
    SortedMap<String, Map<String, Values>> vectors = new TreeMap<>();
    vectors.put(MODEL, Map.of("", snapshot.parameters()));
    if (!snapshot.moments().isEmpty()) {
      vectors.put(
          OPTIMISER,
          Map.of(
              FIRST_MOMENT, snapshot.moments().get(0), SECOND_MOMENT, snapshot.moments().get(1)));
    }
    snapshot
        .outerMomentum()
        .ifPresent(values -> vectors.put(OUTER, Map.of(OUTER_MOMENTUM, values)));

    Map<String, StoredFile> stored = new TreeMap<>(snapshot.replicas());
    for (Map.Entry<String, Map<String, Values>> file : vectors.entrySet()) {
      String name = file.getKey();
      stored.put(name, write(name, manifest, snapshot.layout(), file.getValue()));
    }
    finish(manifest.withFiles(stored));
  }

  /** Replaces the figures of the state, in the manifest and on the card. */
  void describe(Map<String, Double> figures) throws IOException {
    owner.require();
    finish(manifest().withFigures(figures));
  }

  void delete() throws IOException {
    owner.require();
    manifestFile().delete();
    files.delete(path, true);
  }

  /**
   * Deletes the files of replicas' attempts that do not belong to the checkpoint. Some may still be
   * running.
   */
  void discardAttempts() throws IOException {
    owner.require();
    Manifest manifest = manifest();
    for (FileStatus found : files.listStatus(path)) {
      String name = found.getPath().getName();
      if (ReplicaFile.isName(name) && !manifest.files().containsKey(name)) {
        files.delete(found.getPath(), false);
      }
    }
  }

  /** Deletes everything but the replicas' files, from which a round may start. */
  private void remove(IOException failure) {
    for (String name : List.of(MANIFEST, ModelCard.FILE, MODEL, OPTIMISER, OUTER)) {
      try {
        owner.require();
        files.delete(new Path(path, name), false);
      } catch (IOException e) {
        failure.addSuppressed(e);
      }
    }
  }

  /** Reads vectors from a file that a checkpoint need not have. */
  private List<ParameterVector> vectors(
      String name, Manifest manifest, ParameterLayout layout, String... prefixes)
      throws IOException {
    if (!manifest.files().containsKey(name)) {
      return List.of();
    }
    Map<String, Tensor> tensors = tensors(name, manifest);
    return Stream.of(prefixes).map(prefix -> ParameterVector.of(layout, prefix, tensors)).toList();
  }

  private Map<String, Tensor> tensors(String name, Manifest manifest) throws IOException {
    StoredFile expected = manifest.files().get(name);
    if (expected == null) {
      throw new DamagedException(path + " has no " + name + " by its manifest");
    }
    return StateFile.read(files, new Path(path, name), expected);
  }

  private StoredFile write(
      String name, Manifest manifest, ParameterLayout layout, Map<String, Values> vectors)
      throws IOException {
    Map<String, String> metadata =
        Map.of("format", "pt", "code", manifest.code(), "round", Long.toString(manifest.round()));
    return StateFile.write(files, new Path(path, name), metadata, layout, new TreeMap<>(vectors));
  }

  /** Writes the manifest last: without it the folder is no checkpoint. */
  private void finish(Manifest manifest) throws IOException {
    byte[] card =
        ModelCard.checkpoint(manifest, architecture(manifest)).getBytes(StandardCharsets.UTF_8);
    try (OutputStream out = files.create(new Path(path, ModelCard.FILE), true)) {
      out.write(card);
    }

    owner.require();
    manifestFile().write(new GsonBuilder().setPrettyPrinting().create().toJson(manifest));
  }

  private WholeFile manifestFile() {
    return new WholeFile(files, new Path(path, MANIFEST));
  }

  private static MarlinArchitecture architecture(Manifest manifest) {
    return MienConfiguration.parse(manifest.configuration()).model();
  }
}
