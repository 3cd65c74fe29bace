package dev.mien.spark.run;

import com.google.gson.JsonParser;
import dev.mien.model.marlin.MarlinArchitecture;
import dev.mien.spark.config.MienConfiguration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Describes a model in Markdown: where it comes from, what it is for and not for, and how to load
 * it. It says how many people the model was trained on, and no names.
 */
final class ModelCard {

  /** The file name under which model hubs look for a card. */
  static final String FILE = "README.md";

  /** The first line of every card. */
  static final String TITLE = "# A facial-video encoder";

  private static final String EMBED = "mien embed --dataset URI --model FOLDER --output URI\n";
  private static final String TRAIN_ON =
      "mien pretrain --dataset URI --run URI --init FOLDER --preset NAME\n";
  private static final String MIEN = "### Mien\n\n```\n%s```\n";

  private static final String LOAD_CHECKPOINT =
      MIEN.formatted(EMBED + TRAIN_ON)
          + """

          `mien export --run FOLDER --format safetensors|huggingface|djl --output URI` writes it for
          PyTorch, the Hugging Face port and DJL. `model.safetensors` has the reference's names
          already, the discriminator's among them.
          """;

  private static final String LOAD_SAFETENSORS =
      """
      ### PyTorch

      `encoder.safetensors` holds what `marlin_pytorch`'s feature extractor takes,
      `model.safetensors` encoder and decoder, `discriminator.safetensors` what its training code
      has beside them.

      ```python
      from marlin_pytorch import Marlin
      from safetensors.torch import load_file

      marlin = Marlin(%s)
      marlin.load_state_dict(load_file("encoder.safetensors"))
      marlin.eval().extract_features(clips, keep_seq=False)  # [B,3,T,H,W] in [0,1] -> [B,%d]
      ```

      """
          + MIEN.formatted(TRAIN_ON);

  private static final String LOAD_HUGGINGFACE =
      """
      ### Transformers

      With the authors' port (`hf_src/marlin_huggingface` of ControlNet/MARLIN) on the path:

      ```python
      from marlin_huggingface import MarlinModel

      marlin = MarlinModel.from_pretrained("FOLDER").eval()
      marlin.marlin.extract_features(clips, keep_seq=False)  # [B,3,T,H,W] in [0,1] -> [B,%d]
      ```

      """
          + MIEN.formatted(TRAIN_ON);

  private static final String LOAD_DJL =
      """
      ### DJL

      ```java
      Criteria.builder()
          .setTypes(Image[].class, float[].class) // T frames, [%d]
          .optEngine("PyTorch")
          .optModelUrls("file:///FOLDER")
          .optTranslatorFactory(new ClipTranslatorFactory()) // dev.mien.model.marlin
          .build()
          .loadModel();
      ```

      Without Mien on the class path, `NDList` to `NDList`: `[B,T,H,W,3]`, uint8 or float32 in [0,1],
      to `[B,%d]`.

      """
          + MIEN.formatted(EMBED);

  private ModelCard() {}

  static String checkpoint(Manifest manifest, MarlinArchitecture a) {
    return card(manifest, provenance(manifest), a, LOAD_CHECKPOINT);
  }

  /**
   * The card of an export.
   *
   * @param manifest of the exported checkpoint
   * @param exported the exported checkpoint
   */
  static String export(
      Manifest manifest, String exported, MarlinArchitecture a, ModelExport.Format format) {
    Map<String, String> provenance = provenance(manifest);
    provenance.put("Exported from", exported);
    int width = a.encoderWidth();
    return card(
        manifest,
        provenance,
        a,
        switch (format) {
          case SAFETENSORS ->
              String.format(Locale.ROOT, LOAD_SAFETENSORS, HuggingFaceConfig.arguments(a), width);
          case HUGGINGFACE -> String.format(Locale.ROOT, LOAD_HUGGINGFACE, width);
          case DJL -> String.format(Locale.ROOT, LOAD_DJL, width, width);
        });
  }

  private static String card(
      Manifest manifest, Map<String, String> provenance, MarlinArchitecture a, String loading) {
    return String.format(
        Locale.ROOT,
        TITLE
            + """


    MARLIN (Cai et al., CVPR 2023), a masked autoencoder: clips of %d frames of %d × %d pixels in,
    embeddings of %d values out. %d blocks of %d heads over tubelets of %d × %d × %d; the decoder has
    %d blocks of %d. %,d parameters in the encoder.

    ## Where it comes from

    %s
    ## Losses

    %s
    ## What it is for

    Embeddings of cropped, tracked faces, to train small models upon: expression, speech activity,
    attributes of a clip.%s

    It was not made to recognise people, and nothing was measured about that; but embeddings of faces
    are personal data, and may tell people apart. It is no better than its data: who was not in it
    is embedded worse. Do not judge a person by it, nor decide about one.

    ## How to load it

    %s
    ## Configuration

    ```json
    %s
    ```
    """,
        a.frames(),
        a.image(),
        a.image(),
        a.encoderWidth(),
        a.encoderDepth(),
        a.encoderHeads(),
        a.tubelet(),
        a.patch(),
        a.patch(),
        a.decoderDepth(),
        a.decoderWidth(),
        a.encoderLayout().size(),
        table(provenance),
        losses(manifest),
        seen(manifest, a),
        loading,
        MienConfiguration.readable(manifest.configuration()));
  }

  private static Map<String, String> provenance(Manifest manifest) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("Mien", manifest.code());
    if (manifest.dataset().isEmpty()) {
      facts.put("Trained by", "others: the weights were imported");
    } else {
      facts.put("Dataset", manifest.dataset() + ", version " + manifest.datasetVersion());
      new TreeMap<>(manifest.data())
          .forEach((what, count) -> facts.put(what, String.format(Locale.ROOT, "%,d", count)));
      facts.put(
          "Trained",
          String.format(Locale.ROOT, "%,d rounds, %,d steps", manifest.round(), manifest.steps()));
    }
    facts.put("Seed", Long.toString(manifest.seed()));
    facts.put("Began with", manifest.origin().isEmpty() ? "random weights" : manifest.origin());
    facts.put("Checkpoint before", manifest.parent().isEmpty() ? "none" : manifest.parent());
    return facts;
  }

  private static String losses(Manifest manifest) {
    if (manifest.figures().isEmpty()) {
      return "None are known.\n";
    }
    Map<String, String> figures = new TreeMap<>();
    manifest
        .figures()
        .forEach((name, value) -> figures.put(name, String.format(Locale.ROOT, "%.6f", value)));
    return table(figures)
        + "\n`loss` is the mean over the round before this state; `validation_loss` is the"
        + "\nreconstruction's on what was held out, after `validation_round` rounds.\n";
  }

  private static String table(Map<String, String> facts) {
    StringBuilder table = new StringBuilder("| | |\n|---|---|\n");
    facts.forEach(
        (name, value) -> table.append("| %s | %s |\n".formatted(name, value.replace("|", "\\|"))));
    return table.toString();
  }

  /**
   * How the model's training data were cropped and sampled, which is unknown for imported weights.
   */
  private static String seen(Manifest manifest, MarlinArchitecture a) {
    if (manifest.dataset().isEmpty()) {
      return "";
    }
    String stride =
        JsonParser.parseString(manifest.configuration())
            .getAsJsonObject()
            .getAsJsonObject("training")
            .get("stride")
            .getAsString();
    return String.format(
        Locale.ROOT,
        """
         It sees %d frames at a stride of %s, and has seen faces cropped
        as Mien crops them; others embed worse.""",
        a.frames(),
        stride);
  }
}
