package dev.mien.spark.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.config.PreprocessingSections;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.testng.annotations.Test;

public class DatasetFilesTest {

  @Test
  public void settingsThatDifferAreNamedAsConfigurationsHaveThem() throws IOException {
    MienConfiguration configuration =
        MienConfiguration.load(Optional.empty(), Optional.empty(), List.of());
    String uri = Files.createTempDirectory("dataset").toUri().toString();
    DatasetFiles files = new DatasetFiles(new Configuration(), uri);
    files.keepSettings("pipeline", configuration.preprocessing().description());

    List<String> keys =
        files.differences("pipeline", "").stream()
            .map(difference -> PreprocessingSections.key(difference.name()))
            .filter(key -> Character.isLowerCase(key.charAt(0)) && !key.equals("algorithm"))
            .toList();

    assertThat(keys).contains("clip.jpeg-quality", "decode.maximum-frame-rate");
    JsonObject known = JsonParser.parseString(configuration.source()).getAsJsonObject();
    for (String key : keys) {
      JsonElement found = known.get("preprocessing");
      for (String name : List.of(key.split("\\.", -1))) {
        found = found.getAsJsonObject().get(name);
        assertThat(found).as(key).isNotNull();
      }
    }
  }
}
