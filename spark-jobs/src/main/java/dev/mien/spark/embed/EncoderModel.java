package dev.mien.spark.embed;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import dev.mien.model.marlin.EncoderExport;
import dev.mien.spark.config.EmbeddingOptions;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.run.Checkpoints;
import dev.mien.spark.run.InitialWeights;
import dev.mien.spark.run.Manifest;
import dev.mien.spark.storage.WholeFile;
import dev.mien.spark.storage.WholeUri;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.time.Instant;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * A model as it was found once, for all tasks of a job: a run that goes on meanwhile gets newer
 * checkpoints.
 *
 * @param folder of a checkpoint or of an exported model
 * @param version distinguishes it from earlier and later models in the folder: the sha256 of a
 *     checkpoint's file, or the time of an export
 * @param isExported whether it is an export
 */
record EncoderModel(String folder, String version, boolean isExported) implements Serializable {

  private static final String CONFIGURATION = "configuration";

  /**
   * Finds a model.
   *
   * @param modelUrl folder of a run, of a checkpoint or of an export for DJL
   * @throws IllegalArgumentException when there is none
   */
  static EncoderModel find(Configuration hadoop, String modelUrl) {
    try {
      Path folder = new Path(WholeUri.of(hadoop, modelUrl));
      FileSystem files = folder.getFileSystem(hadoop);
      if (isExported(files, folder)) {
        long written =
            files.getFileStatus(new Path(folder, EncoderExport.PROPERTIES)).getModificationTime();
        return new EncoderModel(folder.toString(), Instant.ofEpochMilli(written).toString(), true);
      }
      Path checkpoint = checkpoint(hadoop, folder);
      Manifest manifest = Checkpoints.manifest(hadoop, checkpoint);
      return new EncoderModel(checkpoint.toString(), manifest.modelSha256(), false);
    } catch (FileNotFoundException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read model " + modelUrl, e);
    }
  }

  private static Path checkpoint(Configuration hadoop, Path folder) throws IOException {
    try {
      return Checkpoints.resolve(hadoop, folder.toString());
    } catch (FileNotFoundException e) {
      if (InitialWeights.isExport(folder.getFileSystem(hadoop), folder)) {
        throw new IllegalArgumentException(
            ("Invalid model: %s is an export of safetensors (must be a run, a checkpoint or an export"
                    + " for DJL: import it with mien import, or export the run with --format djl)")
                .formatted(folder),
            e);
      }
      throw new IllegalArgumentException(
          "No model at %s (must be the folder of a run, of a checkpoint or of an export for DJL)"
              .formatted(folder),
          e);
    }
  }

  /**
   * The options for this model: a stride of 0 becomes the one that it was trained with.
   *
   * @throws IllegalArgumentException when the model cannot give the output, or does not say its
   *     stride
   */
  EmbeddingOptions options(Configuration hadoop, EmbeddingOptions asked) {
    if (isExported && asked.output() == EmbeddingOptions.Output.SEQUENCE) {
      throw new IllegalArgumentException(
          ("Invalid embedding.output: sequence (must be pooled: %s is an exported model, which gives"
                  + " the mean of its tokens; name a run or a checkpoint for all of them)")
              .formatted(folder));
    }
    if (asked.stride() > 0) {
      return asked;
    }
    try {
      int trained = MienConfiguration.parse(configuration(hadoop)).training().stride();
      return new EmbeddingOptions(
          asked.batchSize(), trained, asked.windowStride(), asked.tail(), asked.output());
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read model " + folder, e);
    }
  }

  /**
   * Checks that the model is still the one that was found.
   *
   * @throws IllegalStateException when it is gone or replaced
   */
  void requireUnchanged(Configuration hadoop) {
    String now;
    try {
      EncoderModel found = find(hadoop, folder);
      if (found.equals(this)) {
        return;
      }
      now = "is " + found;
    } catch (IllegalArgumentException e) {
      now = "is gone: " + e.getMessage();
    }
    throw new IllegalStateException(
        ("Model %s was taken away or replaced while it was used, and now %s (a run deletes all but its"
                + " last checkpoints: name one that it keeps, or export it)")
            .formatted(this, now));
  }

  @Override
  public String toString() {
    return folder + " (" + version + ")";
  }

  private static boolean isExported(FileSystem files, Path folder) throws IOException {
    return files.exists(new Path(folder, EncoderExport.PROPERTIES));
  }

  private String configuration(Configuration hadoop) throws IOException {
    Path path = new Path(folder);
    if (!isExported) {
      return Checkpoints.manifest(hadoop, path).configuration();
    }
    WholeFile provenance =
        new WholeFile(path.getFileSystem(hadoop), new Path(path, EncoderExport.PROVENANCE));
    if (provenance.exists()) {
      String text = provenance.text();
      try {
        JsonObject said = new Gson().fromJson(text, JsonObject.class);
        if (said != null && said.has(CONFIGURATION)) {
          return said.get(CONFIGURATION).getAsString();
        }
      } catch (JsonParseException | IllegalStateException | UnsupportedOperationException e) {
        throw unknownStride("its %s is not JSON of names and texts", e);
      }
    }
    throw unknownStride("there is no configuration in its %s", null);
  }

  private IllegalArgumentException unknownStride(String reason, Exception cause) {
    return new IllegalArgumentException(
        "Unknown stride of model %s: %s (give the stride as embedding.stride, or export the run again)"
            .formatted(folder, reason.formatted(EncoderExport.PROVENANCE)),
        cause);
  }
}
