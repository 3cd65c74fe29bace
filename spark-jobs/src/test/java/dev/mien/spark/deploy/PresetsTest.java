package dev.mien.spark.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Spark has no way to share lines between settings: each preset must have them. */
public class PresetsTest {

  private static final Map<String, String> SHARED =
      Map.of(
          "spark.authenticate", "true",
          "spark.network.crypto.enabled", "true",
          "spark.network.crypto.saslFallback", "false",
          "spark.io.encryption.enabled", "true",
          "spark.acls.enable", "true",
          "spark.ui.killEnabled", "false",
          "spark.eventLog.enabled", "true");

  @DataProvider
  public Object[][] shared() {
    return new Object[][] {{"cluster.properties"}, {"gpu-cluster.properties"}};
  }

  @Test(dataProvider = "shared")
  public void aSharedClusterAuthenticatesAndEncrypts(String preset) throws IOException {
    assertThat(read(preset)).containsAllEntriesOf(SHARED).doesNotContainKey("spark.master");
  }

  @Test
  public void thisMachineAloneListensToItself() throws IOException {
    assertThat(read("local.properties"))
        .containsEntry("spark.driver.bindAddress", "127.0.0.1")
        .containsEntry("spark.io.encryption.enabled", "true");
  }

  private static Properties read(String preset) throws IOException {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(Path.of("../conf/spark", preset))) {
      properties.load(reader);
    }
    return properties;
  }
}
