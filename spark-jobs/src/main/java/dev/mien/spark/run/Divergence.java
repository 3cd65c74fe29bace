package dev.mien.spark.run;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.storage.WholeFile;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;

/**
 * Why a run would diverge again if it were resumed unchanged: {@code diverged.json}, which is
 * deleted when the run goes on. Clusters restart a failed driver whatever it failed of.
 *
 * @param reason a sentence, with what to change
 * @param code version of Mien that it diverged with
 * @param dataset URI of the dataset that it was trained on
 * @param configuration of the run
 * @param datasetVersion version of the dataset
 */
public record Divergence(
    String reason, String code, String dataset, long datasetVersion, String configuration) {

  private static final String NAME = "diverged.json";

  /** A divergence under this version of Mien. */
  public static Divergence of(
      String reason, String dataset, long datasetVersion, MienConfiguration configuration) {
    return new Divergence(
        reason, CodeVersion.current(), dataset, datasetVersion, configuration.source());
  }

  /** Records it in a run's folder. */
  public void write(Configuration hadoop, String run) throws IOException {
    file(hadoop, run).write(new Gson().toJson(this));
  }

  /**
   * Checks that a run has not diverged, or goes on with another Mien, other data or other settings.
   *
   * @throws IllegalArgumentException when it would diverge again, saying how it did
   */
  public static void requireNone(
      Configuration hadoop,
      String run,
      String dataset,
      long datasetVersion,
      MienConfiguration configuration)
      throws IOException {
    WholeFile file = file(hadoop, run);
    if (!file.exists()) {
      return;
    }
    Divergence former = read(file);
    if (CodeVersion.current().equals(former.code())
        && dataset.equals(former.dataset())
        && datasetVersion == former.datasetVersion()
        && configuration.differences(former.configuration()).isEmpty()) {
      throw new IllegalArgumentException(
          "Run %s has diverged, and would again: %s, or delete %s to train the same once more"
              .formatted(run, former.reason(), file));
    }
  }

  private static Divergence read(WholeFile file) throws IOException {
    try {
      Divergence read = new Gson().fromJson(file.text(), Divergence.class);
      if (read != null && read.configuration() != null) {
        return read;
      }
    } catch (JsonParseException e) {
      // treated like an empty file
    }
    throw new IllegalArgumentException(
        "Damaged %s, which says how the run has diverged (delete it to go on)".formatted(file));
  }

  /** Deletes the record, since the run goes on, or begins. */
  public static void discard(Configuration hadoop, String run) throws IOException {
    file(hadoop, run).delete();
  }

  private static WholeFile file(Configuration hadoop, String run) throws IOException {
    return WholeFile.of(hadoop, run, NAME);
  }
}
