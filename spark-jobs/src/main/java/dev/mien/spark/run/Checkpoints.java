package dev.mien.spark.run;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import dev.mien.model.marlin.MarlinArchitecture;
import dev.mien.model.parameters.ParameterLayout;
import dev.mien.model.parameters.ParameterVector;
import dev.mien.model.parameters.Safetensors;
import dev.mien.model.parameters.Tensor;
import dev.mien.model.train.TrainingState;
import dev.mien.spark.config.MienConfiguration;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
 *       second_moment.<name>};
 *   <li>{@code manifest.json}: the {@link Manifest}, with size and sha256 of the other two.
 * </ul>
 *
 * The manifest is written last and nothing is renamed, so a checkpoint is whole or none on object
 * stores too. One whose files do not match its manifest is not used.
 */
public final class Checkpoints {

  private static final String FOLDER = "checkpoints";
  private static final String MODEL = "model.safetensors";
  private static final String OPTIMISER = "optimiser.safetensors";
  private static final String MANIFEST = "manifest.json";
  private static final String FIRST_MOMENT = "first_moment.";
  private static final String SECOND_MOMENT = "second_moment.";
  private static final int BUFFER = 1 << 20;

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

  /** The folder's name of the checkpoint after so many rounds. */
  public static String name(long round) {
    return String.format("round-%08d", round);
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

  /**
   * The model of a checkpoint, or of the newest checkpoint of a run, without the optimiser's
   * moments.
   *
   * @param uri folder of the checkpoint or of the run
   * @throws IOException when there is neither, or the file is not what its manifest says
   */
  public static Model model(Configuration hadoop, String uri) throws IOException {
    Path path = new Path(uri);
    FileSystem files = path.getFileSystem(hadoop);
    Path checkpoint = path;
    if (!files.exists(new Path(path, MANIFEST))) {
      List<String> names = new Checkpoints(hadoop, uri).names();
      if (names.isEmpty()) {
        throw new FileNotFoundException(
            "No checkpoint at " + uri + " (must be the folder of a run or of a checkpoint)");
      }
      checkpoint = new Path(new Path(path, FOLDER), names.get(names.size() - 1));
    }

    Manifest manifest = manifest(files, new Path(checkpoint, MANIFEST));
    MarlinArchitecture architecture = architecture(manifest);
    return new Model(
        manifest,
        architecture,
        ParameterVector.of(architecture.layout(), "", tensors(files, checkpoint, MODEL, manifest)));
  }

  /** Generator and discriminator of a checkpoint, and what made them. */
  public record Model(
      Manifest manifest, MarlinArchitecture architecture, ParameterVector parameters) {}

  /**
   * Writes a checkpoint, its manifest last.
   *
   * @param manifest whose {@code files} are left to this method
   * @return the checkpoint's name
   */
  public String write(Manifest manifest, TrainingState state) throws IOException {
    String name = name(manifest.round());
    Path target = new Path(folder, name);
    Map<String, String> metadata =
        Map.of("format", "pt", "code", manifest.code(), "round", Long.toString(manifest.round()));

    Map<String, Tensor> moments = new TreeMap<>(state.firstMoment().tensors(FIRST_MOMENT));
    moments.putAll(state.secondMoment().tensors(SECOND_MOMENT));
    Map<String, Manifest.StoredFile> stored = new TreeMap<>();
    stored.put(MODEL, write(new Path(target, MODEL), metadata, state.parameters().tensors("")));
    stored.put(OPTIMISER, write(new Path(target, OPTIMISER), metadata, moments));

    try (OutputStream out = files.create(new Path(target, MANIFEST), true)) {
      String json =
          new GsonBuilder().setPrettyPrinting().create().toJson(manifest.withFiles(stored));
      out.write(json.getBytes(StandardCharsets.UTF_8));
    }
    return name;
  }

  /** Deletes all but the newest, each by its manifest first. */
  public void keepNewest(int kept) throws IOException {
    List<String> names = names();
    for (String name : names.subList(0, Math.max(0, names.size() - kept))) {
      files.delete(new Path(new Path(folder, name), MANIFEST), false);
      files.delete(new Path(folder, name), true);
    }
  }

  private static Checkpoint read(FileSystem files, Path folder) throws IOException {
    Manifest manifest = manifest(files, new Path(folder, MANIFEST));
    ParameterLayout layout = architecture(manifest).layout();
    Map<String, Tensor> optimiser = tensors(files, folder, OPTIMISER, manifest);
    try {
      return new Checkpoint(
          manifest,
          new TrainingState(
              manifest.steps(),
              ParameterVector.of(layout, "", tensors(files, folder, MODEL, manifest)),
              ParameterVector.of(layout, FIRST_MOMENT, optimiser),
              ParameterVector.of(layout, SECOND_MOMENT, optimiser)));
    } catch (IllegalArgumentException e) {
      throw new IOException(folder + " does not hold its model: " + e.getMessage(), e);
    }
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
    MessageDigest digest = sha256();
    Path path = new Path(folder, name);
    try (InputStream in =
        new BufferedInputStream(new DigestInputStream(files.open(path), digest), BUFFER)) {
      Map<String, Tensor> tensors = Safetensors.read(in).tensors();
      String found = HexFormat.of().formatHex(digest.digest());
      String expected = manifest.files().get(name).sha256();
      if (!found.equals(expected)) {
        throw new IOException(
            path + " has sha256 " + found + " (its manifest says " + expected + ")");
      }
      return tensors;
    }
  }

  private Manifest.StoredFile write(
      Path path, Map<String, String> metadata, Map<String, Tensor> tensors) throws IOException {
    MessageDigest digest = sha256();
    try (OutputStream out =
        new BufferedOutputStream(
            new DigestOutputStream(files.create(path, true), digest), BUFFER)) {
      Safetensors.write(out, metadata, tensors);
    }
    return new Manifest.StoredFile(
        files.getFileStatus(path).getLen(), HexFormat.of().formatHex(digest.digest()));
  }

  private boolean hasManifest(Path checkpoint) {
    try {
      return files.exists(new Path(checkpoint, MANIFEST));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static MarlinArchitecture architecture(Manifest manifest) {
    return MienConfiguration.parse(manifest.configuration()).model();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("This Java has no SHA-256", e);
    }
  }
}
