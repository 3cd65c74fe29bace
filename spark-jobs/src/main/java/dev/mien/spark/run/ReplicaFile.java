package dev.mien.spark.run;

import dev.mien.model.parameters.ParameterLayout;
import dev.mien.model.parameters.ParameterVector;
import dev.mien.model.parameters.Tensor;
import dev.mien.spark.run.Manifest.StoredFile;
import dev.mien.spark.run.Snapshot.Values;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * What one replica keeps to itself between rounds: vectors of the parameters' layout, as
 * safetensors named {@code <vector>.<parameter>}. It lies in the folder that the checkpoint after
 * its round has or would have, where the replica's next task finds it wherever it runs; a task that
 * is tried again writes the same bytes again.
 */
public final class ReplicaFile {

  private static final String PREFIX = "replica-";

  private ReplicaFile() {}

  /** The name of a replica's file. */
  public static String name(int replica) {
    return String.format("%s%05d.safetensors", PREFIX, replica);
  }

  /**
   * Writes a replica's file.
   *
   * @param folder of the round's checkpoint
   * @param vectors by name, which has no dot; at least one
   */
  public static StoredFile write(
      Configuration hadoop,
      String folder,
      int replica,
      ParameterLayout layout,
      Map<String, Values> vectors)
      throws IOException {
    Path path = new Path(folder, name(replica));
    SortedMap<String, Values> named = new TreeMap<>();
    vectors.forEach((name, values) -> named.put(name + ".", values));
    return StateFile.write(path.getFileSystem(hadoop), path, Map.of(), layout, named);
  }

  /**
   * Reads a replica's file.
   *
   * @param names of the vectors wanted
   * @return those of them that the replica has kept, by name
   * @throws IOException when it is not the file that was written
   */
  public static Map<String, ParameterVector> read(
      Configuration hadoop,
      String folder,
      int replica,
      StoredFile expected,
      ParameterLayout layout,
      List<String> names)
      throws IOException {
    Path path = new Path(folder, name(replica));
    Map<String, Tensor> tensors = StateFile.read(path.getFileSystem(hadoop), path, expected);
    Map<String, ParameterVector> kept = new TreeMap<>();
    for (String name : names) {
      if (tensors.keySet().stream().anyMatch(tensor -> tensor.startsWith(name + "."))) {
        kept.put(name, ParameterVector.of(layout, name + ".", tensors));
      }
    }
    return kept;
  }

  /** Those of a checkpoint's files that are replicas'. */
  static SortedMap<String, StoredFile> among(Map<String, StoredFile> files) {
    SortedMap<String, StoredFile> replicas = new TreeMap<>(files);
    replicas.keySet().removeIf(name -> !name.startsWith(PREFIX));
    return replicas;
  }
}
