package dev.mien.spark.dataset;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/**
 * An empty file in a dataset while something is being erased: {@code _erasure-<salt>-<digest>},
 * with the {@link SaltedName} of what is erased and a new salt each time. A vacuum that keeps only
 * the newest version would delete the files of a run that is about to commit them, so nobody
 * publishes meanwhile: a run that opened the dataset before the erasure fails because the erasure
 * has published since, and a run that opens it later sees the mark. For the same reason nobody else
 * erases; of two erasures that begin at once each sees the other's mark, and both may be refused.
 *
 * <p>A killed erasure leaves its mark, which the next erasure of the same name takes over.
 */
public final class ErasureMark {

  private static final String PREFIX = "_erasure";
  private static final Pattern FILE =
      Pattern.compile(PREFIX + "-(?<salt>\\p{XDigit}+)-(?<digest>\\p{XDigit}+)");

  private final FileSystem files;
  private final Path file;

  private ErasureMark(FileSystem files, Path file) {
    this.files = files;
    this.file = file;
  }

  /**
   * Sets the mark.
   *
   * @param name of the person or video that is erased
   * @throws ConcurrentPublicationException when the mark of another name is there, or appeared
   *     together with this one
   */
  public static ErasureMark set(SparkSession spark, String datasetUri, String name)
      throws IOException {
    Path folder = new Path(datasetUri);
    FileSystem files = folder.getFileSystem(spark.sessionState().newHadoopConf());
    refuseOthers(datasetUri, name, list(files, folder));

    SaltedName salted = SaltedName.of(SaltedName.newSalt(), name);
    ErasureMark own =
        new ErasureMark(
            files, new Path(folder, PREFIX + "-" + salted.salt() + "-" + salted.digest()));
    files.create(own.file, true).close();
    List<Path> all = list(files, folder);
    try {
      refuseOthers(datasetUri, name, all);
    } catch (ConcurrentPublicationException e) {
      own.remove();
      throw e;
    }
    for (Path mark : all) {
      if (!mark.getName().equals(own.file.getName())) {
        files.delete(mark, false);
      }
    }
    return own;
  }

  /** Removes this mark when the erasure is done, but not that of an erasure that took it over. */
  public void remove() throws IOException {
    files.delete(file, false);
  }

  /**
   * Checks that there is no mark.
   *
   * @throws ConcurrentPublicationException when there is one, saying what to do
   */
  public static void check(SparkSession spark, String datasetUri) {
    if (isSet(spark, datasetUri)) {
      throw new ConcurrentPublicationException(
          "Cannot change dataset %s: an erasure is under way (if it was killed, finish it by"
                  .formatted(datasetUri)
              + " the same mien forget again)",
          null);
    }
  }

  /** Whether any erasure is under way, or was killed. */
  public static boolean isSet(SparkSession spark, String datasetUri) {
    return !marks(spark, datasetUri).isEmpty();
  }

  /** Whether an erasure of this name is under way, or was killed. */
  public static boolean isSet(SparkSession spark, String datasetUri, String name) {
    return marks(spark, datasetUri).stream().anyMatch(mark -> isOf(name, mark));
  }

  private static List<Path> marks(SparkSession spark, String datasetUri) {
    Path folder = new Path(datasetUri);
    try {
      return list(folder.getFileSystem(spark.sessionState().newHadoopConf()), folder);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot look for erasures in " + folder, e);
    }
  }

  private static void refuseOthers(String datasetUri, String name, List<Path> marks) {
    for (Path mark : marks) {
      if (!isOf(name, mark)) {
        throw new ConcurrentPublicationException(
            "Cannot erase from dataset %s: another erasure is under way (wait until it is done; if"
                    .formatted(datasetUri)
                + " it was killed, finish it by the same mien forget again, then run this one; its"
                + " mark is "
                + mark
                + ")",
            null);
      }
    }
  }

  private static boolean isOf(String name, Path mark) {
    Matcher matcher = FILE.matcher(mark.getName());
    return matcher.matches()
        && SaltedName.of(matcher.group("salt"), name).digest().equals(matcher.group("digest"));
  }

  private static List<Path> list(FileSystem files, Path folder) throws IOException {
    return Stream.of(files.listStatus(folder, path -> path.getName().startsWith(PREFIX)))
        .map(FileStatus::getPath)
        .toList();
  }
}
