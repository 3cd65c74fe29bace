package dev.mien.spark.embed;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import dev.mien.model.marlin.EncoderExport;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.run.Checkpoints;
import dev.mien.spark.run.Manifest;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * A model as it is found once for all tasks of a job: a run that goes on meanwhile has newer ones.
 *
 * @param folder of a checkpoint or of an exported model
 * @param version tells it from what was in the folder before or comes after: the sha256 of a
 *     checkpoint's file, the time of an export
 * @param stride frames between two frames of a window that it was trained with
 */
record EncoderModel(String folder, String version, int stride) implements Serializable {

  /**
   * Finds it.
   *
   * @param modelUrl folder of a run, of a checkpoint or of an exported model
   * @throws IllegalArgumentException when there is none
   */
  static EncoderModel find(Configuration hadoop, String modelUrl) {
    try {
      Path folder = new Path(modelUrl);
      FileSystem files = folder.getFileSystem(hadoop);
      if (isExported(files, folder)) {
        long written =
            files.getFileStatus(new Path(folder, EncoderExport.PROPERTIES)).getModificationTime();
        return new EncoderModel(
            modelUrl, Instant.ofEpochMilli(written).toString(), stride(provenance(files, folder)));
      }
      Path checkpoint = Checkpoints.resolve(hadoop, modelUrl);
      Manifest manifest = Checkpoints.manifest(hadoop, checkpoint);
      return new EncoderModel(
          checkpoint.toString(), manifest.modelSha256(), stride(manifest.configuration()));
    } catch (FileNotFoundException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read model " + modelUrl, e);
    }
  }

  @Override
  public String toString() {
    return folder + " (" + version + ")";
  }

  static boolean isExported(FileSystem files, Path folder) throws IOException {
    return files.exists(new Path(folder, EncoderExport.PROPERTIES));
  }

  private static int stride(String configuration) {
    return MienConfiguration.parse(configuration).training().stride();
  }

  private static String provenance(FileSystem files, Path folder) throws IOException {
    try (Reader file =
        new InputStreamReader(
            files.open(new Path(folder, EncoderExport.PROVENANCE)), StandardCharsets.UTF_8)) {
      return new Gson().fromJson(file, JsonObject.class).get("configuration").getAsString();
    }
  }
}
