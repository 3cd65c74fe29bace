package dev.mien.spark.run;

import dev.mien.model.marlin.EncoderExport;
import dev.mien.model.marlin.MarlinArchitecture;
import dev.mien.model.marlin.MarlinStateDict;
import dev.mien.model.parameters.Tensor;
import dev.mien.model.parameters.Weights;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.storage.Reading;
import dev.mien.spark.storage.Sha256;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Weights from wherever they are: a file (safetensors, or what {@code torch.save} wrote), an export
 * for PyTorch or Hugging Face, a checkpoint or a run.
 *
 * @param origin what they are, for provenance: URI, and sha256 of each file
 * @param network that they are the weights of, where a checkpoint says so
 * @param tensors by name
 */
public record InitialWeights(
    String origin, Optional<MarlinArchitecture> network, Map<String, Tensor> tensors) {

  /** The files of such an export, the fullest first; the second of a pair adds to the first. */
  private static final List<List<String>> EXPORTED =
      List.of(
          List.of("model.safetensors", "discriminator.safetensors"),
          List.of("encoder.safetensors"));

  /** Names of ignored tensors that people are told of, of whole other networks perhaps. */
  private static final int MOST_LISTED = 10;

  /**
   * Reads all tensors.
   *
   * @throws FileNotFoundException when there are none at the URI
   * @throws IllegalArgumentException with the reason when a file is refused
   */
  public static InitialWeights read(Configuration hadoop, String uri) throws IOException {
    Path path = new Path(uri);
    FileSystem files = path.getFileSystem(hadoop);
    if (!files.exists(path)) {
      throw new FileNotFoundException("No weights at " + uri);
    }
    if (files.getFileStatus(path).isFile()) {
      return file(files, path);
    }
    Optional<List<String>> exported = exported(files, path);
    if (exported.isPresent()) {
      return folder(files, path, exported.get());
    }

    Path checkpoint;
    try {
      checkpoint = Checkpoints.resolve(hadoop, uri);
    } catch (FileNotFoundException e) {
      if (files.exists(new Path(path, EncoderExport.PROPERTIES))) {
        throw new IllegalArgumentException(
            ("Cannot load %s: it is an export for DJL, whose weights are in TorchScript (export the"
                    + " run again with --format safetensors)")
                .formatted(uri),
            e);
      }
      throw e;
    }
    Checkpoints.Model model = Checkpoints.model(hadoop, checkpoint.toString());
    return new InitialWeights(
        "%s, round %d, sha256 %s"
            .formatted(uri, model.manifest().round(), model.manifest().modelSha256()),
        Optional.of(model.architecture()),
        model.parameters().tensors(""));
  }

  /** Whether a folder is an export of safetensors. */
  public static boolean isExport(FileSystem files, Path folder) throws IOException {
    return exported(files, folder).isPresent();
  }

  /** Names of an export's files; a checkpoint's are none. */
  private static Optional<List<String>> exported(FileSystem files, Path folder) throws IOException {
    if (new CheckpointFolder(files, folder).isWhole()) {
      return Optional.empty();
    }
    for (List<String> names : EXPORTED) {
      if (files.exists(new Path(folder, names.get(0)))) {
        return Optional.of(names);
      }
    }
    return Optional.empty();
  }

  /**
   * The parameters of the configuration's network; parts that the weights lack are drawn from its
   * seed.
   *
   * @throws IllegalArgumentException when the weights are of another network
   */
  public MarlinStateDict.Loaded load(MienConfiguration configuration) {
    // Another image size or number of heads may not show in the shapes.
    network
        .filter(other -> !other.equals(configuration.model()))
        .ifPresent(
            other -> {
              throw new IllegalArgumentException(
                  "Cannot load %s: it is of another network, %s (the configuration's is %s: set model.*)"
                      .formatted(origin, other, configuration.model()));
            });
    try {
      return MarlinStateDict.load(configuration.model(), tensors, configuration.training().seed());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("Cannot load " + origin + ": " + e.getMessage(), e);
    }
  }

  /** What was loaded and what was not, in lines for people. */
  public String text(MarlinStateDict.Loaded loaded) {
    StringBuilder text = new StringBuilder("Loaded weights of " + origin + "\n");
    loaded
        .initialised()
        .forEach(
            part ->
                text.append("  no ")
                    .append(part.name().toLowerCase(Locale.ROOT))
                    .append(" among them: initialised from the seed\n"));
    if (!loaded.ignored().isEmpty()) {
      text.append("  ignored: ").append(listed(loaded.ignored())).append("\n");
    }
    return text.toString();
  }

  private static String listed(List<String> names) {
    String listed =
        names.stream().limit(MOST_LISTED).map(Tensor::shown).collect(Collectors.joining(", "));
    return names.size() <= MOST_LISTED
        ? listed
        : listed + " and " + (names.size() - MOST_LISTED) + " more";
  }

  private static InitialWeights folder(FileSystem files, Path folder, List<String> names)
      throws IOException {
    List<String> origins = new ArrayList<>();
    Map<String, Tensor> tensors = new TreeMap<>();
    for (String name : names) {
      Path path = new Path(folder, name);
      if (files.exists(path)) {
        InitialWeights part = file(files, path);
        origins.add(part.origin());
        tensors.putAll(part.tensors());
      }
    }
    return new InitialWeights(String.join(" and ", origins), Optional.empty(), tensors);
  }

  /** Reads a file through a copy on this machine, since a zip file is read from its end. */
  private static InitialWeights file(FileSystem files, Path path) throws IOException {
    java.nio.file.Path copy = Files.createTempFile("mien-weights", null);
    try {
      String sha256 = Reading.read(path, () -> copy(files, path, copy));
      return new InitialWeights(path + ", sha256 " + sha256, Optional.empty(), read(path, copy));
    } finally {
      Files.delete(copy);
    }
  }

  /** Replaces the copy. */
  private static String copy(FileSystem files, Path path, java.nio.file.Path copy)
      throws IOException {
    MessageDigest digest = Sha256.begin();
    try (InputStream in = new DigestInputStream(files.open(path), digest)) {
      Files.copy(in, copy, StandardCopyOption.REPLACE_EXISTING);
    }
    return Sha256.hex(digest);
  }

  private static Map<String, Tensor> read(Path path, java.nio.file.Path copy) {
    try {
      return Weights.read(copy);
    } catch (IOException e) {
      throw new IllegalArgumentException("Cannot load " + path + ": " + e.getMessage(), e);
    }
  }
}
