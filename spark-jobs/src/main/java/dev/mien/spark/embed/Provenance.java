package dev.mien.spark.embed;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import dev.mien.spark.config.EmbeddingOptions;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.run.CodeVersion;
import java.io.IOException;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;

/**
 * What made the newest embeddings of a table; its JSON is the user metadata of the table's commit.
 *
 * @param algorithm see {@link #ALGORITHM_VERSION}; 0 in tables of early versions of Mien
 * @param code version of Mien
 * @param datasetVersion of the {@code videos} table
 * @param model folder of the checkpoint or of the exported model
 * @param options with the stride that was used
 * @param dataset URI of the dataset
 */
record Provenance(
    int algorithm,
    String code,
    String dataset,
    long datasetVersion,
    String model,
    String modelVersion,
    EmbeddingOptions options) {

  /** To be raised whenever the same clips, model and options give other embeddings than before. */
  private static final int ALGORITHM_VERSION = 1;

  static Provenance of(FaceVideoDataset dataset, EncoderModel model, EmbeddingOptions options) {
    return new Provenance(
        ALGORITHM_VERSION,
        CodeVersion.current(),
        dataset.uri(),
        dataset.version().videos(),
        model.folder(),
        model.version(),
        options);
  }

  /** Reads a commit's metadata; empty when it is something else. */
  static Optional<Provenance> parse(String json) {
    try {
      return Optional.ofNullable(new Gson().fromJson(json, Provenance.class))
          .filter(said -> said.algorithm > 0 && said.dataset != null && said.options != null);
    } catch (JsonParseException e) {
      return Optional.empty();
    }
  }

  String json() {
    return new Gson().toJson(this);
  }

  /**
   * Why embeddings made in this way cannot be mixed with former ones; empty when they can. Another
   * version of the same dataset, or another batch size, is no reason.
   */
  Optional<String> difference(Provenance former, SparkSession spark) throws IOException {
    if (algorithm != former.algorithm) {
      return changed("algorithm", former.algorithm, algorithm);
    }
    if (!FaceVideoDataset.isSame(spark, dataset, former.dataset)) {
      return changed("dataset", former.dataset, dataset);
    }
    if (!named(this).equals(named(former))) {
      return changed("model", named(former), named(this));
    }
    if (!inBatchesOfOne(options).equals(inBatchesOfOne(former.options))) {
      return changed("set of options", former.options, options);
    }
    return Optional.empty();
  }

  private static Optional<String> changed(String what, Object before, Object now) {
    return Optional.of("another %s: %s before, %s now".formatted(what, before, now));
  }

  private static String named(Provenance provenance) {
    return provenance.model + " (" + provenance.modelVersion + ")";
  }

  private static EmbeddingOptions inBatchesOfOne(EmbeddingOptions options) {
    return new EmbeddingOptions(
        1, options.stride(), options.windowStride(), options.tail(), options.output());
  }
}
