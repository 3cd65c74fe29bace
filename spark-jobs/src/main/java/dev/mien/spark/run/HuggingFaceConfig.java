package dev.mien.spark.run;

import com.google.gson.GsonBuilder;
import dev.mien.model.marlin.MarlinArchitecture;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Describes a network's geometry in the terms of the authors' code, and of their Hugging Face
 * port's config.json.
 */
final class HuggingFaceConfig {

  private HuggingFaceConfig() {}

  /** The text of config.json. */
  static String json(MarlinArchitecture a) {
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("model_type", "marlin");
    config.put("architectures", new String[] {"MarlinModel"});
    config.putAll(settings(a));
    config.put("as_feature_extractor", true);
    return new GsonBuilder().setPrettyPrinting().serializeNulls().create().toJson(config) + "\n";
  }

  /** The arguments of the authors' constructor, in Python. */
  static String arguments(MarlinArchitecture a) {
    return settings(a).entrySet().stream()
        .map(setting -> setting.getKey() + "=" + python(setting.getValue()))
        .collect(Collectors.joining(", "));
  }

  private static Map<String, Object> settings(MarlinArchitecture a) {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("img_size", a.image());
    settings.put("patch_size", a.patch());
    settings.put("n_frames", a.frames());
    settings.put("tubelet_size", a.tubelet());
    settings.put("encoder_embed_dim", a.encoderWidth());
    settings.put("encoder_depth", a.encoderDepth());
    settings.put("encoder_num_heads", a.encoderHeads());
    settings.put("decoder_embed_dim", a.decoderWidth());
    settings.put("decoder_depth", a.decoderDepth());
    settings.put("decoder_num_heads", a.decoderHeads());
    // equal in all of MARLIN's sizes, and in Mien
    settings.put("mlp_ratio", 4.0);
    settings.put("qkv_bias", true);
    settings.put("qk_scale", null);
    settings.put("drop_rate", 0.0);
    settings.put("attn_drop_rate", 0.0);
    settings.put("norm_layer", "LayerNorm");
    settings.put("init_values", 0.0);
    return settings;
  }

  private static String python(Object value) {
    if (value == null) {
      return "None";
    }
    if (value instanceof Boolean flag) {
      return flag ? "True" : "False";
    }
    return value instanceof String ? "\"" + value + "\"" : value.toString();
  }
}
