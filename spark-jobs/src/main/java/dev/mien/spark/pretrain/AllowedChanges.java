package dev.mien.spark.pretrain;

import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.run.CodeVersion;
import dev.mien.spark.run.Manifest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.SparkSession;

/**
 * Decides which differences between a run and the configuration that resumes it are allowed.
 *
 * @param run URI of the run
 * @param dataset URI of the dataset to train on
 * @param keys that {@code --allow} names: keys of the configuration, and {@code dataset} for a
 *     dataset that moved
 */
record AllowedChanges(
    SparkSession spark,
    MienConfiguration configuration,
    String run,
    String dataset,
    Set<String> keys) {

  private static final String DATASET = "dataset";
  private static final String MODEL = "model.";

  /**
   * Compares all settings, and says which differences are allowed.
   *
   * @param manifest of the checkpoint to go on from
   * @throws IllegalArgumentException naming every difference that is not allowed
   * @throws UncheckedIOException when a file system does not answer
   */
  void require(Manifest manifest) {
    SortedMap<String, String> differences =
        new TreeMap<>(configuration.differences(manifest.configuration()));
    if (!isSame(manifest.dataset())) {
      differences.put(DATASET, manifest.dataset() + " -> " + dataset);
    }

    List<String> refused = new ArrayList<>();
    differences.forEach(
        (key, change) -> {
          if (key.startsWith(MODEL)) {
            refused.add(key + ": " + change + " (another network: cannot be allowed)");
          } else if (!keys.contains(key)) {
            refused.add(key + ": " + change);
          } else {
            System.out.println("Allowed: " + key + ": " + change);
          }
        });
    for (String key : keys) {
      if (!differences.containsKey(key) && !key.equals(FormerRun.DATASET_VERSION)) {
        System.out.println(
            "Nothing to allow: " + key + " (is as it was, may always change, or is no key)");
      }
    }
    if (!refused.isEmpty()) {
      throw new IllegalArgumentException(
          "Cannot resume "
              + run
              + " with other settings (--allow KEY for each that is meant):\n  "
              + String.join("\n  ", refused));
    }
    if (!manifest.code().equals(CodeVersion.current())) {
      System.out.printf(
          "Another Mien: %s -> %s (the run may not end where it would have)%n",
          manifest.code(), CodeVersion.current());
    }
  }

  private boolean isSame(String former) {
    try {
      return FaceVideoDataset.isSame(spark, former, dataset);
    } catch (IOException e) { // not of the checkpoint, which would be said to be unreadable
      throw new UncheckedIOException(e);
    }
  }
}
