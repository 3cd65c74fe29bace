package dev.mien.spark.run;

import com.google.gson.Gson;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.storage.WholeFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Why a run would come to the same end again: {@code diverged.json}, until it goes on. A cluster
 * starts a driver again that has failed, whatever it failed of.
 *
 * @param reason as a sentence, with what to change
 * @param configuration that it diverged by
 */
public record Divergence(String reason, String configuration) {

  private static final String NAME = "diverged.json";

  /** Says it of a run. */
  public void write(Configuration hadoop, String run) throws IOException {
    Path path = new Path(run, NAME);
    WholeFile.write(
        WholeFile.fileSystem(hadoop, path),
        path,
        new Gson().toJson(this).getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Makes sure that a run has not diverged, or goes on otherwise.
   *
   * @throws IllegalArgumentException when it has diverged by these settings, saying how
   */
  public static void requireNone(Configuration hadoop, String run, MienConfiguration settings)
      throws IOException {
    Path path = new Path(run, NAME);
    FileSystem files = WholeFile.fileSystem(hadoop, path);
    if (!files.exists(path)) {
      return;
    }
    Divergence former = new Gson().fromJson(WholeFile.text(files, path), Divergence.class);
    if (settings.differences(former.configuration()).isEmpty()) {
      throw new IllegalArgumentException(
          "Run %s has diverged, and would again: %s, or delete %s to train the same once more"
              .formatted(run, former.reason(), path));
    }
  }

  /** Forgets it of a run that goes on, or begins. */
  public static void discard(Configuration hadoop, String run) throws IOException {
    Path path = new Path(run, NAME);
    WholeFile.fileSystem(hadoop, path).delete(path, false);
  }
}
