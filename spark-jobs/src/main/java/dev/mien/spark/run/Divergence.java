package dev.mien.spark.run;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.storage.WholeFile;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;

/**
 * Why a run would come to the same end again: {@code diverged.json}, until it goes on. A cluster
 * starts a driver again that has failed, whatever it failed of.
 *
 * @param reason as a sentence, with what to change
 * @param code version of Mien's that it diverged with
 * @param dataset its URI, and the version that was trained on
 * @param configuration that it diverged by
 */
public record Divergence(
    String reason, String code, String dataset, long datasetVersion, String configuration) {

  private static final String NAME = "diverged.json";

  /** Of a run of this Mien's. */
  public static Divergence of(
      String reason, String dataset, long datasetVersion, MienConfiguration configuration) {
    return new Divergence(
        reason, CodeVersion.current(), dataset, datasetVersion, configuration.source());
  }

  /** Says it of a run. */
  public void write(Configuration hadoop, String run) throws IOException {
    file(hadoop, run).write(new Gson().toJson(this));
  }

  /**
   * Makes sure that a run has not diverged, or goes on otherwise: with another Mien, other data, or
   * other settings.
   *
   * @throws IllegalArgumentException when it has and does not, saying how it has
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
      // As one that is empty.
    }
    throw new IllegalArgumentException(
        "Damaged %s, which says how the run has diverged (delete it to go on)".formatted(file));
  }

  /** Forgets it of a run that goes on, or begins. */
  public static void discard(Configuration hadoop, String run) throws IOException {
    file(hadoop, run).delete();
  }

  private static WholeFile file(Configuration hadoop, String run) throws IOException {
    return WholeFile.of(hadoop, run, NAME);
  }
}
