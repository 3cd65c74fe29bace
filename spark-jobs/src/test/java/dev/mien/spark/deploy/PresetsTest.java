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

/** Spark has no way to share lines between settings: each file of them must have them. */
public class PresetsTest {

  /** Processes talk to each other only where they agree on these. */
  static final Map<String, String> ENCRYPTED =
      Map.of(
          "spark.authenticate", "true",
          "spark.network.crypto.enabled", "true",
          "spark.network.crypto.authEngineVersion", "2",
          "spark.network.crypto.saslFallback", "false",
          "spark.io.encryption.enabled", "true");

  /** Hadoop's file systems set modes by this, and not by the process's mask. */
  static final Map<String, String> KEPT_FROM_OTHERS =
      Map.of("spark.hadoop.fs.permissions.umask-mode", "027");

  /** By AES-GCM, Spark 3.5.5 loses every message of a connection after the first. */
  static final String CIPHER = "spark.network.crypto.cipher";

  private static final Map<String, String> SHARED =
      Map.of(
          "spark.acls.enable", "true",
          "spark.ui.killEnabled", "false",
          "spark.eventLog.enabled", "true",
          "spark.eventLog.rolling.enabled", "true",
          "spark.history.fs.eventLog.rolling.maxFilesToRetain", "10");

  @DataProvider
  public Object[][] shared() {
    return new Object[][] {{"cluster.properties"}, {"gpu-cluster.properties"}};
  }

  @Test(dataProvider = "shared")
  public void aSharedClusterAuthenticatesAndEncrypts(String preset) throws IOException {
    assertThat(read(preset)).containsAllEntriesOf(SHARED).doesNotContainKey("spark.master");
  }

  @DataProvider
  public Object[][] settings() {
    return new Object[][] {
      {"../conf/spark/cluster.properties"},
      {"../conf/spark/gpu-cluster.properties"},
      {"../deploy/kubernetes/spark.properties"},
      {"../deploy/kubernetes/gpu-spark.properties"}
    };
  }

  @Test(dataProvider = "settings")
  public void allWhoMayTalkToEachOtherEncryptAlike(String file) throws IOException {
    assertThat(read(Path.of(file)))
        .containsAllEntriesOf(ENCRYPTED)
        .containsAllEntriesOf(KEPT_FROM_OTHERS)
        .doesNotContainKey(CIPHER);
  }

  @Test
  public void thisMachineAloneListensToItself() throws IOException {
    assertThat(read("local.properties"))
        .containsEntry("spark.driver.bindAddress", "127.0.0.1")
        .containsEntry("spark.ui.enabled", "false")
        .containsEntry("spark.io.encryption.enabled", "true");
  }

  private static Properties read(String preset) throws IOException {
    return read(Path.of("../conf/spark", preset));
  }

  public static Properties read(Path file) throws IOException {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      properties.load(reader);
    }
    return properties;
  }
}
