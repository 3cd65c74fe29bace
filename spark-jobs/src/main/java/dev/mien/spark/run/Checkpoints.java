package dev.mien.spark.run;

import dev.mien.model.marlin.MarlinArchitecture;
import dev.mien.model.parameters.ParameterVector;
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

/** The checkpoints of a run: a {@link CheckpointFolder} {@code checkpoints/round-<number>} each. */
public final class Checkpoints {

  static final String FOLDER = "checkpoints";
  private static final String NAME = "round-";
  private static final Pattern ROUND = Pattern.compile(NAME + "[0-9]+");

  private final FileSystem files;
  private final Path folder;
  private final RunOwner owner;

  /**
   * The checkpoints of one run, which may have none yet.
   *
   * @param run URI of the run's folder
   */
  public Checkpoints(Configuration hadoop, String run) throws IOException {
    Path path = new Path(run, FOLDER);
    this.files = path.getFileSystem(hadoop);
    this.folder = files.makeQualified(path); // executors may work in other folders
    this.owner = RunOwner.ANYBODY;
  }

  private Checkpoints(FileSystem files, Path folder, RunOwner owner) {
    this.files = files;
    this.folder = folder;
    this.owner = owner;
  }

  /** The same checkpoints, of which nothing is written or deleted once the run is another's. */
  public Checkpoints ownedBy(RunOwner driver) {
    return new Checkpoints(files, folder, driver);
  }

  /** Generator and discriminator of a checkpoint, and what made them. */
  public record Model(
      Manifest manifest, MarlinArchitecture architecture, ParameterVector parameters) {}

  /**
   * The model of a checkpoint, or of the newest checkpoint of a run, without the optimiser's
   * moments.
   *
   * @param uri folder of the checkpoint or of the run
   * @throws IOException when there is neither, or the file is not what its manifest says
   */
  public static Model model(Configuration hadoop, String uri) throws IOException {
    return at(hadoop, resolve(hadoop, uri)).model();
  }

  /**
   * What made a checkpoint.
   *
   * @param checkpoint its folder
   */
  public static Manifest manifest(Configuration hadoop, Path checkpoint) throws IOException {
    return at(hadoop, checkpoint).manifest();
  }

  /**
   * The folder of a checkpoint, or of the newest checkpoint of a run.
   *
   * @param uri folder of the checkpoint or of the run; a relative one lies in the working folder of
   *     this process, where executors may not look for it
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
   * Writes a model that has no optimiser's moments, as a checkpoint in a folder of its own.
   *
   * @param manifest whose {@code files} are left to this method
   */
  public static void writeModel(
      Configuration hadoop, String uri, Manifest manifest, ParameterVector parameters)
      throws IOException {
    at(hadoop, new Path(uri)).write(manifest, parameters);
  }

  /** Whether a folder is called as a run calls its checkpoints. */
  static boolean isName(String folder) {
    return ROUND.matcher(folder).matches();
  }

  /** The folder's name of the checkpoint after so many rounds. */
  public static String name(long round) {
    return String.format(Locale.ROOT, NAME + "%08d", round); // digits of ASCII
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
          .filter(path -> isName(path.getName())) // not a person's copy
          .filter(this::isWhole)
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
   * @throws IOException when one is there and cannot be read just now, for want of a permission or
   *     of a network: it may be as whole as any
   */
  public Optional<Checkpoint> newest(Consumer<String> skipped) throws IOException {
    return newest(manifest -> {}, skipped);
  }

  /** Looks at what made a checkpoint, and throws what it likes if that will not do. */
  @FunctionalInterface
  public interface ManifestCheck {
    void require(Manifest manifest) throws IOException;
  }

  /**
   * The same, unless its manifest will not do, which is looked at before its files are read: they
   * may take long.
   */
  public Optional<Checkpoint> newest(ManifestCheck check, Consumer<String> skipped)
      throws IOException {
    return newestWhole(checkpoint -> checkpoint.read(check), skipped);
  }

  /**
   * The newest model whose file is what its manifest says, whatever became of the files that only a
   * run that goes on needs.
   *
   * @param skipped as for {@link #newest}
   * @throws IOException as {@link #newest} does
   */
  public Optional<Model> newestModel(Consumer<String> skipped) throws IOException {
    return newestWhole(CheckpointFolder::model, skipped);
  }

  /** What is read of a checkpoint. */
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
   * @param manifest whose {@code files} are left to this method
   * @return the checkpoint's name
   */
  public String write(Manifest manifest, Snapshot snapshot) throws IOException {
    String name = name(manifest.round());
    named(name).write(manifest, snapshot);
    return name;
  }

  /**
   * Says other figures of a checkpoint's state.
   *
   * @param figures as those of {@link Manifest}
   */
  public void describe(long round, Map<String, Double> figures) throws IOException {
    named(name(round)).describe(figures);
  }

  /**
   * Deletes all but the newest and the first of every so many rounds, each by its manifest first.
   *
   * @param every rounds, at whose multiples there need not be one; 0 = none of these
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

  /** Deletes what replicas' attempts have left in a checkpoint's folder that is not part of it. */
  void discardAttempts(long round) throws IOException {
    named(name(round)).discardAttempts();
  }

  /** Deletes what replicas kept after a round of which there is no checkpoint. */
  public void discard(long round) throws IOException {
    owner.require();
    files.delete(new Path(folder, name(round)), true);
  }

  /** Deletes what a run that was killed has left beside its checkpoints. */
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
   * Deletes those checkpoints that are of later rounds than a run goes on from, which were not
   * whole.
   *
   * @param found names of those among which the run looked for the newest
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
