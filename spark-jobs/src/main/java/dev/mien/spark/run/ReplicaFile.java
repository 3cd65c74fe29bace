package dev.mien.spark.run;

import dev.mien.model.parameters.ParameterLayout;
import dev.mien.spark.run.Manifest.StoredFile;
import dev.mien.spark.run.Snapshot.Values;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * What a replica keeps for itself between rounds: vectors of the parameters' layout, as safetensors
 * named {@code <vector>.<parameter>}. The file lies in the folder of the checkpoint after its
 * round, whether or not there is one, where the replica's next task finds it wherever it runs. Each
 * attempt at a task writes a file of its own, since an attempt that Spark has given up may still be
 * writing; the attempt's contribution says which file counts.
 */
public final class ReplicaFile {

  private static final String PREFIX = "replica-";
  private static final String SUFFIX = ".safetensors";

  private static final Pattern NAME =
      Pattern.compile(PREFIX + "[0-9]{5}-[0-9A-Za-z_-]+\\" + SUFFIX);

  private ReplicaFile() {}

  private static String prefix(int replica) {
    return String.format(Locale.ROOT, "%s%05d", PREFIX, replica); // digits of ASCII
  }

  private static String name(int replica, String attempt) {
    return prefix(replica) + "-" + attempt + SUFFIX;
  }

  /**
   * Writes a replica's file.
   *
   * @param folder of the round's checkpoint
   * @param attempt unique name of the attempt at the replica's task: letters, digits, - and _
   * @param vectors by name, which has no dot; at least one
   * @return size and sha256 of the file, by its name
   */
  public static Map<String, StoredFile> write(
      Configuration hadoop,
      String folder,
      int replica,
      String attempt,
      ParameterLayout layout,
      Map<String, Values> vectors)
      throws IOException {
    Path path = new Path(folder, name(replica, attempt));
    SortedMap<String, Values> named = new TreeMap<>();
    vectors.forEach((name, values) -> named.put(name + ".", values));
    return Map.of(
        path.getName(), StateFile.write(path.getFileSystem(hadoop), path, Map.of(), layout, named));
  }

  /** Takes values of a vector from an index on. */
  @FunctionalInterface
  public interface Taker {
    void take(int from, float[] values);
  }

  /**
   * Reads a replica's file parameter by parameter, since executors have no heap for whole vectors.
   *
   * @param kept the files of all replicas in the folder
   * @param wanted receivers of the wanted vectors, by name
   * @return the names of those vectors that the file has, which were handed over
   * @throws IOException when it is not the file that was written; what was handed over is then of
   *     no use
   */
  public static Set<String> read(
      Configuration hadoop,
      String folder,
      int replica,
      Map<String, StoredFile> kept,
      ParameterLayout layout,
      Map<String, Taker> wanted)
      throws IOException {
    String file = named(replica, kept);
    Path path = new Path(folder, file);
    Set<String> taken = new TreeSet<>();
    StateFile.forEach(
        path.getFileSystem(hadoop),
        path,
        kept.get(file),
        tensor -> wanted.containsKey(vector(tensor)),
        (tensor, values) -> {
          String vector = vector(tensor);
          wanted
              .get(vector)
              .take(layout.offset(tensor.substring(vector.length() + 1)), values.floats());
          taken.add(vector);
        });
    return taken;
  }

  private static String vector(String tensor) {
    return tensor.substring(0, Math.max(0, tensor.indexOf('.')));
  }

  /**
   * The file that a replica has kept.
   *
   * @param kept the files of all replicas
   */
  public static StoredFile stored(int replica, Map<String, StoredFile> kept) {
    return kept.get(named(replica, kept));
  }

  private static String named(int replica, Map<String, StoredFile> kept) {
    return kept.keySet().stream()
        .filter(name -> name.startsWith(prefix(replica)))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Replica %d has kept nothing (there are %s)"
                        .formatted(replica, kept.keySet())));
  }

  /** Whether a file name is that of a replica's file. */
  static boolean isName(String name) {
    return NAME.matcher(name).matches();
  }

  /** The replicas' files among those of a checkpoint. */
  static SortedMap<String, StoredFile> among(Map<String, StoredFile> files) {
    SortedMap<String, StoredFile> replicas = new TreeMap<>(files);
    replicas.keySet().removeIf(name -> !isName(name));
    return replicas;
  }
}
