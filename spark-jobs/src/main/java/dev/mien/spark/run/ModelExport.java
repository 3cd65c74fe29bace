package dev.mien.spark.run;

import dev.mien.model.marlin.EncoderExport;
import dev.mien.model.marlin.MarlinStateDict;
import dev.mien.model.parameters.Safetensors;
import dev.mien.model.parameters.Tensor;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Writes the model of a run or of a checkpoint for other programs to load. */
public final class ModelExport {

  /** The program that the files are made for. */
  public enum Format {
    /**
     * PyTorch, by the authors' names: {@code encoder.safetensors}, {@code model.safetensors} with
     * encoder and decoder, and {@code discriminator.safetensors}; each has its provenance as
     * metadata.
     */
    SAFETENSORS,
    /**
     * The authors' Hugging Face port: {@code config.json}, and {@code model.safetensors} with the
     * encoder, whose names begin with {@code marlin.}.
     */
    HUGGINGFACE,
    /** DJL: a model directory with the encoder, as {@link EncoderExport} describes it. */
    DJL
  }

  private static final int BUFFER = 1 << 20;

  private static final String ENCODER = "encoder.safetensors";
  private static final String MODEL = "model.safetensors";
  private static final String DISCRIMINATOR = "discriminator.safetensors";
  private static final String CONFIG = "config.json";
  private static final String HUGGINGFACE_PREFIX = "marlin.";

  private ModelExport() {}

  /**
   * Writes an export and its model card, replacing an export of any format that is in the folder.
   *
   * @param run folder of a run, whose newest checkpoint is exported, or of a checkpoint
   * @param output folder to write to
   * @throws IllegalArgumentException when that is the folder of a run or a checkpoint, or holds
   *     files that are not an export's
   */
  public static void write(Configuration hadoop, String run, Format format, String output)
      throws IOException {
    Path folder = new Path(output);
    FileSystem files = folder.getFileSystem(hadoop);
    ModelFolder.requireForExport(files, folder);
    Path checkpoint = Checkpoints.resolve(hadoop, run);
    Checkpoints.Model model = Checkpoints.model(hadoop, checkpoint.toString());
    deleteFormer(files, folder);
    String parent = "%s, sha256 %s".formatted(checkpoint, model.manifest().modelSha256());
    Map<String, String> provenance = provenance(model.manifest(), parent);
    // The card comes first: it marks an interrupted export as one that may be replaced.
    write(
        files,
        new Path(folder, ModelCard.FILE),
        ModelCard.export(model.manifest(), parent, model.architecture(), format));
    switch (format) {
      case SAFETENSORS -> safetensors(files, folder, provenance, model);
      case HUGGINGFACE -> huggingFace(files, folder, provenance, model);
      case DJL -> djl(files, folder, provenance, model);
    }
  }

  /**
   * Deletes an earlier export, perhaps of another format and run: with its files the folder would
   * be both.
   */
  private static void deleteFormer(FileSystem files, Path folder) throws IOException {
    for (String name :
        List.of(
            EncoderExport.PROPERTIES,
            EncoderExport.NETWORK,
            EncoderExport.PROVENANCE,
            ENCODER,
            MODEL,
            DISCRIMINATOR,
            CONFIG)) {
      files.delete(new Path(folder, name), false);
    }
  }

  private static void safetensors(
      FileSystem files, Path folder, Map<String, String> provenance, Checkpoints.Model model)
      throws IOException {
    write(
        files,
        new Path(folder, ENCODER),
        provenance,
        MarlinStateDict.encoder(model.architecture(), model.parameters()));
    write(
        files,
        new Path(folder, MODEL),
        provenance,
        MarlinStateDict.generator(model.architecture(), model.parameters()));
    write(
        files,
        new Path(folder, DISCRIMINATOR),
        provenance,
        MarlinStateDict.discriminator(model.architecture(), model.parameters()));
  }

  private static void huggingFace(
      FileSystem files, Path folder, Map<String, String> provenance, Checkpoints.Model model)
      throws IOException {
    Map<String, Tensor> encoder = new TreeMap<>();
    MarlinStateDict.encoder(model.architecture(), model.parameters())
        .forEach((name, tensor) -> encoder.put(HUGGINGFACE_PREFIX + name, tensor));
    write(files, new Path(folder, MODEL), provenance, encoder);
    write(files, new Path(folder, CONFIG), HuggingFaceConfig.json(model.architecture()));
  }

  private static void write(FileSystem files, Path path, String text) throws IOException {
    try (OutputStream out = files.create(path, true)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  private static void write(
      FileSystem files, Path path, Map<String, String> metadata, Map<String, Tensor> tensors)
      throws IOException {
    try (OutputStream out = new BufferedOutputStream(files.create(path, true), BUFFER)) {
      Safetensors.write(out, metadata, tensors);
    }
  }

  private static void djl(
      FileSystem files, Path folder, Map<String, String> provenance, Checkpoints.Model model)
      throws IOException {
    java.nio.file.Path local = Files.createTempDirectory("mien-export");
    try {
      EncoderExport.write(local, model.architecture(), model.parameters(), provenance);
      // The properties come last: without them the folder is no model.
      for (String name : EncoderExport.FILES) {
        try (OutputStream out = files.create(new Path(folder, name), true)) {
          Files.copy(local.resolve(name), out);
        }
      }
    } finally {
      for (String name : EncoderExport.FILES) {
        Files.deleteIfExists(local.resolve(name));
      }
      Files.delete(local);
    }
  }

  /**
   * The metadata of safetensors: {@code format}, which PyTorch's loaders look for, and the
   * manifest's provenance.
   *
   * @param parent the exported checkpoint
   */
  private static Map<String, String> provenance(Manifest manifest, String parent) {
    Map<String, String> provenance = new TreeMap<>();
    provenance.put("format", "pt");
    provenance.put("code", manifest.code());
    provenance.put("dataset", manifest.dataset());
    provenance.put("dataset_version", Long.toString(manifest.datasetVersion()));
    provenance.put("seed", Long.toString(manifest.seed()));
    provenance.put("round", Long.toString(manifest.round()));
    provenance.put("steps", Long.toString(manifest.steps()));
    provenance.put("parent", parent);
    provenance.put("origin", manifest.origin());
    provenance.put("configuration", manifest.configuration());
    return provenance;
  }
}
