package dev.mien.spark.run;

import dev.mien.model.marlin.MarlinArchitecture;
import dev.mien.model.parameters.ParameterVector;
import dev.mien.spark.storage.DamagedException;
import dev.mien.spark.storage.WholeUri;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** The checkpoints of a run, each a {@link CheckpointFolder} {@code checkpoints/round-<number>}. */
public final class Checkpoints {

  static final String FOLDER = "checkpoints";
  private static final String NAME = "round-";
  private static final Pattern ROUND = Pattern.compile(NAME + "[0-9]+");

  private final FileSystem files;
  private final Path folder;
  private final RunOwner owner;

  /**
   * The checkpoints of a run, which may have none yet.
   *
   * @param run URI of the run's folder
   */
  public Checkpoints(Configuration hadoop, String run) throws IOException {
    Path path = new Path(run, FOLDER);
    this.files = path.getFileSystem(hadoop);
    this.folder = files.makeQualified(path); // executors may have other working folders
    this.owner = RunOwner.ANYBODY;
  }

  private Checkpoints(FileSystem files, Path folder, RunOwner owner) {
    this.files = files;
    this.folder = folder;
    this.owner = owner;
  }

  /**
   * The same checkpoints; nothing is written or deleted any more once another driver owns the run.
   */
  public Checkpoints ownedBy(RunOwner driver) {
    return new Checkpoints(files, folder, driver);
  }

  /** The generator and discriminator of a checkpoint, and what made them. */
  public record Model(
      Manifest manifest, MarlinArchitecture architecture, ParameterVector parameters) {}

  /**
   * Reads the model of a checkpoint, or of a run's newest checkpoint, without the optimiser's
   * moments.
   *
   * @param uri folder of the checkpoint or of the run
   * @throws IOException when there is neither, or the file is not what its manifest says
   */
  public static Model model(Configuration hadoop, String uri) throws IOException {
    return at(hadoop, resolve(hadoop, uri)).model();
  }

  /**
   * Reads a checkpoint's manifest.
   *
   * @param checkpoint its folder
   */
  public static Manifest manifest(Configuration hadoop, Path checkpoint) throws IOException {
    return at(hadoop, checkpoint).manifest();
  }

  /**
   * The folder of a checkpoint, or of a run's newest checkpoint.
   *
   * @param uri folder of the checkpoint or of the run; a relative one is resolved against the
   *     working folder of this process, which executors need not share
   * @throws FileNotFoundException when there is neither
   */
  public static Path resolve(Configuration hadoop, String uri) throws IOException {
    Path path = new Path(WholeUri.of(hadoop, uri));
    if (at(hadoop, path).isWhole()) {
      return path;
    }
    List<String> names = new Checkpoints(hadoop, uri).names();
    if (names.isEmpty()) {
      throw new FileNotFoundException(
          "No checkpoint at " + uri + " (must be the folder of a run or of a checkpoint)");
    }
    return new Path(new Path(path, FOLDER), names.get(names.size() - 1));
  }

  /**
   * Writes a model without the optimiser's moments, as a checkpoint in a folder of its own.
   *
   * @param manifest whose {@code files} this method fills in
   */
  public static void writeModel(
      Configuration hadoop, String uri, Manifest manifest, ParameterVector parameters)
      throws IOException {
    at(hadoop, new Path(uri)).write(manifest, parameters);
  }

  /** Whether a folder's name is one that runs give their checkpoints. */
  static boolean isName(String folder) {
    return ROUND.matcher(folder).matches();
  }

  /** The folder name of the checkpoint after so many rounds. */
  public static String name(long round) {
    return String.format(Locale.ROOT, NAME + "%08d", round); // digits of ASCII
  }

  /** The folder of the checkpoint after so many rounds, whether or not there is one. */
  public String folder(long round) {
    return new Path(folder, name(round)).toString();
  }

  /** Names of the checkpoints that are whole, going by their manifests, oldest first. */
  public List<String> names() throws IOException {
    try (Stream<FileStatus> folders = Stream.of(files.listStatus(folder))) {
      return folders
          .map(FileStatus::getPath)
          .filter(path -> isName(path.getName())) // leaves out copies that people have made
          .filter(this::isWhole)
          .map(Path::getName)
          .sorted()
          .toList();
    } catch (FileNotFoundException e) {
      return List.of();
    }
  }

  /** Checks a checkpoint's manifest, and throws an exception if the checkpoint is of no use. */
  @FunctionalInterface
  public interface ManifestCheck {
    void require(Manifest manifest);
  }

  /**
   * Reads the newest checkpoint whose files are what its manifest says.
   *
   * @param check applied to each manifest before the checkpoint's files are read, which may take
   *     long
   * @param skipped is told of each newer one that is damaged, with the reason
   * @throws IOException when one exists and cannot be read just now, for lack of a permission or of
   *     a network: it may be whole
   */
  public Optional<Checkpoint> newest(ManifestCheck check, Consumer<String> skipped)
      throws IOException {
    return newestWhole(checkpoint -> checkpoint.read(check), skipped);
  }

  /**
   * Reads the newest model whose file is what its manifest says, even if the files are damaged that
   * only a resumed run needs.
   *
   * @param skipped as in {@link #newest}
   * @throws IOException as {@link #newest} does
   */
  public Optional<Model> newestModel(Consumer<String> skipped) throws IOException {
    return newestWhole(CheckpointFolder::model, skipped);
  }

  /** A part of a checkpoint to read. */
  private interface Part<T> {
    T of(CheckpointFolder checkpoint) throws IOException;
  }

  private <T> Optional<T> newestWhole(Part<T> part, Consumer<String> skipped) throws IOException {
    List<String> newestFirst = names().stream().sorted(Comparator.reverseOrder()).toList();
    for (String name : newestFirst) {
      try {
        return Optional.of(part.of(named(name)));
      } catch (DamagedException | ChecksumException e) {
        skipped.accept("Skipped checkpoint " + name + ": " + e.getMessage());
      } catch (IOException e) {
        throw new IOException(
            "Cannot read checkpoint %s: %s (try again once it can be read, or delete that folder)"
                .formatted(folder(round(name)), e.getMessage()),
            e);
      }
    }
    return Optional.empty();
  }

  /**
   * Writes a checkpoint, its manifest last.
   *
   * @param manifest whose {@code files} this method fills in
   * @return the checkpoint's name
   */
  public String write(Manifest manifest, Snapshot snapshot) throws IOException {
    String name = name(manifest.round());
    named(name).write(manifest, snapshot);
    return name;
  }

  /**
   * Replaces the figures of a checkpoint's state.
   *
   * @param figures as in {@link Manifest}
   */
  public void describe(long round, Map<String, Double> figures) throws IOException {
    named(name(round)).describe(figures);
  }

  /**
   * Deletes old checkpoints: all but the newest ones and the first one of every so many rounds.
   * Each one's manifest is deleted first.
   *
   * @param every number of rounds of which to keep the first checkpoint; 0 to keep only the newest
   * @param newest how many of the newest to keep
   */
  public void keep(int newest, int every) throws IOException {
    List<String> names = names();
    Optional<IOException> failure = Optional.empty();
    long kept = 0;
    for (String name : names.subList(0, Math.max(0, names.size() - newest))) {
      long multiple = every == 0 ? 0 : round(name) / every;
      if (multiple == kept) {
        try {
          named(name).delete();
        } catch (IOException e) {
          failure = failure.or(() -> Optional.of(e));
        }
      }
      kept = multiple;
    }
    if (failure.isPresent()) {
      throw failure.get();
    }
  }

  /**
   * Deletes the files of replicas' attempts that do not belong to the checkpoint in whose folder
   * they are.
   */
  void discardAttempts(long round) throws IOException {
    named(name(round)).discardAttempts();
  }

  /** Deletes the files that replicas kept after a round without a checkpoint. */
  public void discard(long round) throws IOException {
    owner.require();
    files.delete(new Path(folder, name(round)), true);
  }

  /** Deletes what a killed run has left beside its checkpoints. */
  public void discardUnfinished() throws IOException {
    owner.require();
    if (!files.exists(folder)) {
      return;
    }
    for (FileStatus found : files.listStatus(folder)) {
      if (ROUND.matcher(found.getPath().getName()).matches() && !isWhole(found.getPath())) {
        files.delete(found.getPath(), true);
      }
    }
  }

  /**
   * Deletes damaged checkpoints of later rounds than the one that the run resumes after.
   *
   * @param found names of the checkpoints among which the newest was looked for
   */
  public void discardAfter(long round, List<String> found) throws IOException {
    for (String name : found) {
      if (round(name) > round) {
        named(name).delete();
      }
    }
  }

  private static long round(String name) {
    return Long.parseLong(name.substring(NAME.length()));
  }

  private CheckpointFolder named(String name) {
    return new CheckpointFolder(files, new Path(folder, name), owner);
  }

  private static CheckpointFolder at(Configuration hadoop, Path folder) throws IOException {
    return new CheckpointFolder(folder.getFileSystem(hadoop), folder);
  }

  private boolean isWhole(Path checkpoint) {
    try {
      return new CheckpointFolder(files, checkpoint).isWhole();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
