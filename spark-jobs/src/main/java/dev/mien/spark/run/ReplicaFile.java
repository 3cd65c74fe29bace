package dev.mien.spark.run;

import dev.mien.model.parameters.ParameterLayout;
import dev.mien.model.parameters.ParameterVector;
import dev.mien.model.parameters.Tensor;
import dev.mien.spark.run.Manifest.StoredFile;
import dev.mien.spark.run.Snapshot.Values;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * What one replica keeps to itself between rounds: vectors of the parameters' layout, as
 * safetensors named {@code <vector>.<parameter>}. It lies in the folder that the checkpoint after
 * its round has or would have, where the replica's next task finds it wherever it runs. Each
 * attempt at a task writes a file of its own, since one that Spark has given up may be writing
 * still; which of them counts is in what the attempt sends.
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
   * @param attempt at the replica's task, a name of its own of letters, digits, - and _
   * @param vectors by name, which has no dot; at least one
   * @return the file by its name
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

  /**
   * Reads a replica's file.
   *
   * @param kept what all replicas have left in the folder
   * @param names of the vectors wanted
   * @return those of them that the replica has kept, by name
   * @throws IOException when it is not the file that was written
   */
  public static Map<String, ParameterVector> read(
      Configuration hadoop,
      String folder,
      int replica,
      Map<String, StoredFile> kept,
      ParameterLayout layout,
      List<String> names)
      throws IOException {
    String file = named(replica, kept);
    Path path = new Path(folder, file);
    Map<String, Tensor> tensors = StateFile.read(path.getFileSystem(hadoop), path, kept.get(file));
    Map<String, ParameterVector> vectors = new TreeMap<>();
    for (String name : names) {
      if (tensors.keySet().stream().anyMatch(tensor -> tensor.startsWith(name + "."))) {
        vectors.put(name, ParameterVector.of(layout, name + ".", tensors));
      }
    }
    return vectors;
  }

  /**
   * The file that a replica has kept.
   *
   * @param kept what all replicas have left
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

  /** Whether a file's name is one of a replica's. */
  static boolean isName(String name) {
    return NAME.matcher(name).matches();
  }

  /** Those of a checkpoint's files that are replicas'. */
  static SortedMap<String, StoredFile> among(Map<String, StoredFile> files) {
    SortedMap<String, StoredFile> replicas = new TreeMap<>(files);
    replicas.keySet().removeIf(name -> !isName(name));
    return replicas;
  }
}
