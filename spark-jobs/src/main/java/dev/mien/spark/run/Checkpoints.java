package dev.mien.spark.run;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import dev.mien.model.marlin.MarlinArchitecture;
import dev.mien.model.parameters.ParameterLayout;
import dev.mien.model.parameters.ParameterVector;
import dev.mien.model.parameters.Tensor;
import dev.mien.model.train.TrainingState;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.run.Manifest.StoredFile;
import dev.mien.spark.run.Snapshot.Values;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The checkpoints of a run: folders {@code checkpoints/round-<number>} of
 *
 * <ul>
 *   <li>{@code model.safetensors}: generator and discriminator, by the reference's names;
 *   <li>{@code optimiser.safetensors}: AdamW's moments, {@code first_moment.<name>} and {@code
 *       second_moment.<name>}, where they are averaged;
 *   <li>{@code outer.safetensors}: {@code outer_momentum.<name>}, where the driver takes steps;
 *   <li>{@code replica-<number>.safetensors}: a {@link ReplicaFile} a replica, where they keep
 *       something;
 *   <li>{@code README.md}: the {@link ModelCard};
 *   <li>{@code manifest.json}: the {@link Manifest}, with size and sha256 of the safetensors.
 * </ul>
 *
 * The manifest is written last and nothing is renamed, so a checkpoint is whole or none on object
 * stores too. One whose files do not match its manifest is not used.
 */
public final class Checkpoints {

  private static final String FOLDER = "checkpoints";
  private static final String NAME = "round-";
  private static final String MODEL = "model.safetensors";
  private static final String OPTIMISER = "optimiser.safetensors";
  private static final String OUTER = "outer.safetensors";
  private static final String MANIFEST = "manifest.json";
  private static final String FIRST_MOMENT = "first_moment.";
  private static final String SECOND_MOMENT = "second_moment.";
  private static final String OUTER_MOMENTUM = "outer_momentum.";

  private final FileSystem files;
  private final Path folder;

  /**
   * The checkpoints of one run, which may have none yet.
   *
   * @param run URI of the run's folder
   */
  public Checkpoints(Configuration hadoop, String run) throws IOException {
    this.folder = new Path(run, FOLDER);
    this.files = folder.getFileSystem(hadoop);
  }

  /**
   * Writes a model that has no optimiser's moments, as a checkpoint in a folder of its own.
   *
   * @param manifest whose {@code files} are left to this method
   */
  public static void writeModel(
      Configuration hadoop, String uri, Manifest manifest, ParameterVector parameters)
      throws IOException {
    Path folder = new Path(uri);
    FileSystem files = folder.getFileSystem(hadoop);
    SortedMap<String, Values> vector =
        new TreeMap<>(
            Map.of(
                "", (from, count) -> Arrays.copyOfRange(parameters.values(), from, from + count)));
    StoredFile model =
        StateFile.write(
            files, new Path(folder, MODEL), metadata(manifest), parameters.layout(), vector);
    finish(files, folder, manifest.withFiles(Map.of(MODEL, model)));
  }

  /** The folder's name of the checkpoint after so many rounds. */
  public static String name(long round) {
    return String.format(NAME + "%08d", round);
  }

  /** Where the checkpoint after so many rounds lies, or would. */
  public String folder(long round) {
    return new Path(folder, name(round)).toString();
  }

  /** Names of the checkpoints that are whole as far as their manifest tells, oldest first. */
  public List<String> names() throws IOException {
    try (Stream<FileStatus> folders = Stream.of(files.listStatus(folder))) {
      return folders
          .map(FileStatus::getPath)
          .filter(this::hasManifest)
          .map(Path::getName)
          .sorted()
          .toList();
    } catch (FileNotFoundException e) {
      return List.of();
    }
  }

  /**
   * The newest checkpoint whose files are what its manifest says.
   *
   * @param skipped told of each newer one that is not, with the reason
   */
  public Optional<Checkpoint> newest(Consumer<String> skipped) throws IOException {
    List<String> newestFirst = names().stream().sorted(Comparator.reverseOrder()).toList();
    for (String name : newestFirst) {
      try {
        return Optional.of(read(files, new Path(folder, name)));
      } catch (IOException e) {
        skipped.accept("Skipped checkpoint " + name + ": " + e.getMessage());
      }
    }
    return Optional.empty();
  }

  /** The manifest of the newest checkpoint that has one. */
  public Optional<Manifest> newestManifest() throws IOException {
    List<String> names = names();
    return names.isEmpty()
        ? Optional.empty()
        : Optional.of(
            manifest(files, new Path(new Path(folder, names.get(names.size() - 1)), MANIFEST)));
  }

  /**
   * The model of a checkpoint, or of the newest checkpoint of a run, without the optimiser's
   * moments.
   *
   * @param uri folder of the checkpoint or of the run
   * @throws IOException when there is neither, or the file is not what its manifest says
   */
  public static Model model(Configuration hadoop, String uri) throws IOException {
    Path checkpoint = resolve(hadoop, uri);
    FileSystem files = checkpoint.getFileSystem(hadoop);
    Manifest manifest = manifest(files, new Path(checkpoint, MANIFEST));
    MarlinArchitecture architecture = architecture(manifest);
    return new Model(
        manifest,
        architecture,
        ParameterVector.of(architecture.layout(), "", tensors(files, checkpoint, MODEL, manifest)));
  }

  /**
   * The folder of a checkpoint, or of the newest checkpoint of a run.
   *
   * @param uri folder of the checkpoint or of the run
   * @throws FileNotFoundException when there is neither
   */
  public static Path resolve(Configuration hadoop, String uri) throws IOException {
    Path path = new Path(uri);
    if (isCheckpoint(path.getFileSystem(hadoop), path)) {
      return path;
    }
    List<String> names = new Checkpoints(hadoop, uri).names();
    if (names.isEmpty()) {
      throw new FileNotFoundException(
          "No checkpoint at " + uri + " (must be the folder of a run or of a checkpoint)");
    }
    return new Path(new Path(path, FOLDER), names.get(names.size() - 1));
  }

  /** Whether a folder is that of a whole checkpoint, as far as its manifest tells. */
  static boolean isCheckpoint(FileSystem files, Path folder) throws IOException {
    return files.exists(new Path(folder, MANIFEST));
  }

  /** Generator and discriminator of a checkpoint, and what made them. */
  public record Model(
      Manifest manifest, MarlinArchitecture architecture, ParameterVector parameters) {}

  /** Writes a checkpoint of a state that replicas carry nothing of. */
  public String write(Manifest manifest, TrainingState state) throws IOException {
    return write(manifest, Snapshot.of(state));
  }

  /**
   * Writes a checkpoint, its manifest last.
   *
   * @param manifest whose {@code files} are left to this method
   * @return the checkpoint's name
   */
  public String write(Manifest manifest, Snapshot snapshot) throws IOException {
    String name = name(manifest.round());
    Path target = new Path(folder, name);
    SortedMap<String, SortedMap<String, Values>> vectors = new TreeMap<>();
    vectors.put(MODEL, new TreeMap<>(Map.of("", snapshot.parameters())));
    if (!snapshot.moments().isEmpty()) {
      vectors.put(
          OPTIMISER,
          new TreeMap<>(
              Map.of(
                  FIRST_MOMENT,
                  snapshot.moments().get(0),
                  SECOND_MOMENT,
                  snapshot.moments().get(1))));
    }
    snapshot
        .outerMomentum()
        .ifPresent(values -> vectors.put(OUTER, new TreeMap<>(Map.of(OUTER_MOMENTUM, values))));

    Map<String, StoredFile> stored = new TreeMap<>(snapshot.replicas());
    for (Map.Entry<String, SortedMap<String, Values>> file : vectors.entrySet()) {
      Path path = new Path(target, file.getKey());
      stored.put(
          file.getKey(),
          StateFile.write(files, path, metadata(manifest), snapshot.layout(), file.getValue()));
    }

    finish(files, target, manifest.withFiles(stored));
    return name;
  }

  /** The manifest last: without it the folder is no checkpoint. */
  private static void finish(FileSystem files, Path folder, Manifest manifest) throws IOException {
    String card = ModelCard.checkpoint(manifest, architecture(manifest));
    write(files, new Path(folder, ModelCard.FILE), card);
    String json = new GsonBuilder().setPrettyPrinting().create().toJson(manifest);
    write(files, new Path(folder, MANIFEST), json);
  }

  private static void write(FileSystem files, Path path, String text) throws IOException {
    try (OutputStream out = files.create(path, true)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  private static Map<String, String> metadata(Manifest manifest) {
    return Map.of(
        "format", "pt", "code", manifest.code(), "round", Long.toString(manifest.round()));
  }

  /**
   * Deletes all but the newest and those of every so many rounds, each by its manifest first.
   *
   * @param every rounds; 0 = none of these
   */
  public void keep(int newest, int every) throws IOException {
    List<String> names = names();
    for (String name : names.subList(0, Math.max(0, names.size() - newest))) {
      if (every == 0 || round(name) % every != 0) {
        files.delete(new Path(new Path(folder, name), MANIFEST), false);
        files.delete(new Path(folder, name), true);
      }
    }
  }

  /** Deletes what replicas kept after a round of which there is no checkpoint. */
  public void discard(long round) throws IOException {
    files.delete(new Path(folder, name(round)), true);
  }

  /** Deletes what a run that was killed has left beside its checkpoints. */
  public void discardUnfinished() throws IOException {
    if (!files.exists(folder)) {
      return;
    }
    for (FileStatus found : files.listStatus(folder)) {
      if (found.getPath().getName().startsWith(NAME) && !hasManifest(found.getPath())) {
        files.delete(found.getPath(), true);
      }
    }
  }

  private static long round(String name) {
    return Long.parseLong(name.substring(NAME.length()));
  }

  private static Checkpoint read(FileSystem files, Path folder) throws IOException {
    Manifest manifest = manifest(files, new Path(folder, MANIFEST));
    if (manifest.round() == 0) {
      throw new IOException(folder + " holds imported weights (begin a run with --init)");
    }
    ParameterLayout layout = architecture(manifest).layout();
    for (Map.Entry<String, StoredFile> replica : ReplicaFile.among(manifest.files()).entrySet()) {
      StateFile.verify(files, new Path(folder, replica.getKey()), replica.getValue());
    }
    try {
      return new Checkpoint(
          manifest,
          ParameterVector.of(layout, "", tensors(files, folder, MODEL, manifest)),
          vectors(files, folder, OPTIMISER, manifest, layout, FIRST_MOMENT, SECOND_MOMENT),
          vectors(files, folder, OUTER, manifest, layout, OUTER_MOMENTUM).stream().findFirst());
    } catch (IllegalArgumentException e) {
      throw new IOException(folder + " does not hold its model: " + e.getMessage(), e);
    }
  }

  /** Vectors of a file that a checkpoint may lack. */
  private static List<ParameterVector> vectors(
      FileSystem files,
      Path folder,
      String name,
      Manifest manifest,
      ParameterLayout layout,
      String... prefixes)
      throws IOException {
    if (!manifest.files().containsKey(name)) {
      return List.of();
    }
    Map<String, Tensor> tensors = tensors(files, folder, name, manifest);
    return Stream.of(prefixes).map(prefix -> ParameterVector.of(layout, prefix, tensors)).toList();
  }

  private static Manifest manifest(FileSystem files, Path path) throws IOException {
    try (InputStream in = files.open(path)) {
      Manifest manifest =
          new Gson()
              .fromJson(new String(in.readAllBytes(), StandardCharsets.UTF_8), Manifest.class);
      if (manifest == null || manifest.format() != Manifest.FORMAT || manifest.files() == null) {
        throw new IOException(path + " is not a manifest of format " + Manifest.FORMAT);
      }
      return manifest;
    } catch (JsonParseException e) {
      throw new IOException(path + " is not JSON: " + e.getMessage(), e);
    }
  }

  private static Map<String, Tensor> tensors(
      FileSystem files, Path folder, String name, Manifest manifest) throws IOException {
    StoredFile expected = manifest.files().get(name);
    if (expected == null) {
      throw new IOException(folder + " has no " + name + " by its manifest");
    }
    return StateFile.read(files, new Path(folder, name), expected);
  }

  private boolean hasManifest(Path checkpoint) {
    try {
      return isCheckpoint(files, checkpoint);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static MarlinArchitecture architecture(Manifest manifest) {
    return MienConfiguration.parse(manifest.configuration()).model();
  }
}
