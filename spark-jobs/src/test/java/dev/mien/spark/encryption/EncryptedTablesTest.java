package dev.mien.spark.encryption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mien.spark.LocalSpark;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.StoredRows;
import dev.mien.spark.dataset.clip.ClipEntry;
import dev.mien.spark.dataset.clip.ClipIndex;
import dev.mien.spark.dataset.clip.RowGroupReader;
import dev.mien.spark.dataset.clip.StoredClip;
import java.io.IOException;
import java.io.Reader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.crypto.key.KeyProvider;
import org.apache.hadoop.crypto.key.KeyProviderFactory;
import org.apache.parquet.crypto.keytools.KeyToolkit;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.SparkSession;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** A dataset under the settings of {@code conf/spark/encrypted-tables.properties}. */
public class EncryptedTablesTest {

  private static final String KEY = "mien-faces";

  private final Properties preset = new Properties();
  private Path folder;
  private URI keys;
  private SparkSession spark;
  private FaceVideoDataset dataset;

  @BeforeClass
  public void start() throws Exception {
    folder = Files.createTempDirectory("encrypted");
    keys = URI.create("jceks://file" + folder.resolve("mien.jceks"));
    KeyProvider provider = KeyProviderFactory.get(keys, new Configuration());
    provider.createKey(KEY, KeyProvider.options(new Configuration()).setBitLength(256));
    provider.flush();

    try (Reader reader =
        Files.newBufferedReader(Path.of("../conf/spark/encrypted-tables.properties"))) {
      preset.load(reader);
    }
    preset.setProperty("spark.hadoop.hadoop.security.key.provider.path", keys.toString());
    preset.forEach((key, value) -> System.setProperty((String) key, (String) value));
    KeyToolkit.removeCacheEntriesForAllTokens();
    spark =
        LocalSpark.open(MienConfiguration.load(Optional.of("tiny"), Optional.empty(), List.of()));
    dataset =
        publish(
            FaceVideoDataset.openOrCreate(spark, folder.resolve("dataset").toUri().toString()),
            "a");
  }

  @AfterClass(alwaysRun = true)
  public void stop() {
    preset.forEach((key, value) -> System.clearProperty((String) key));
    KeyToolkit.removeCacheEntriesForAllTokens();
    if (spark != null) {
      spark.stop();
    }
  }

  @Test
  public void noFileHoldsAFaceThatCanBeRead() throws IOException {
    List<Path> files = parquetFiles();
    String face = new String(StoredRows.picture("a", 2), StandardCharsets.ISO_8859_1);

    assertThat(files).hasSize(3); // of videos, tracks and clips
    for (Path file : files) {
      byte[] bytes = Files.readAllBytes(file);
      assertThat(new String(bytes, 0, 4, StandardCharsets.US_ASCII))
          .as(file.toString())
          .isEqualTo("PARE");
      assertThat(new String(bytes, StandardCharsets.ISO_8859_1))
          .doesNotContain(face)
          .doesNotContain("clip_id");
    }
  }

  @Test
  public void whoHasTheKeyReadsClipsAsTrainingDoes() throws IOException {
    ClipEntry entry = ClipIndex.read(spark, dataset).clips().get(0);

    List<StoredClip> clips =
        RowGroupReader.read(spark.sessionState().newHadoopConf(), entry.location().rowGroup());
    assertThat(clips.get(entry.location().row()).clipId()).isEqualTo("a-t0-c0000");
    assertThat(clips.get(entry.location().row()).images().get(0))
        .isEqualTo(StoredRows.picture("a", 2));
    assertThat(dataset.clips().count()).isEqualTo(2);
  }

  @Test
  public void whoHasNoKeyReadsNothing() {
    ClipEntry entry = ClipIndex.read(spark, dataset).clips().get(0);

    assertThatThrownBy(() -> RowGroupReader.read(new Configuration(), entry.location().rowGroup()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(entry.location().rowGroup().file());
  }

  @Test
  public void aKeyThatIsNotThereIsNamed() {
    HadoopKeys client = new HadoopKeys();
    Configuration hadoop = new Configuration();

    assertThatThrownBy(() -> client.initialize(hadoop, "", "", ""))
        .hasMessageContaining("set spark.hadoop.hadoop.security.key.provider.path");

    hadoop.set(KeyProviderFactory.KEY_PROVIDER_PATH, keys.toString());
    client.initialize(hadoop, "", "", "");
    assertThatThrownBy(() -> client.wrapKey(new byte[16], "another"))
        .hasMessageStartingWith("No key another in")
        .hasMessageContaining("hadoop key create another");
  }

  @Test(
      dependsOnMethods = {"noFileHoldsAFaceThatCanBeRead", "whoHasTheKeyReadsClipsAsTrainingDoes"})
  public void whatAnOlderVersionOfTheKeyWroteStaysReadable() throws Exception {
    KeyProvider provider = KeyProviderFactory.get(keys, new Configuration());
    provider.rollNewVersion(KEY);
    provider.flush();
    KeyToolkit.removeCacheEntriesForAllTokens();

    FaceVideoDataset both = publish(dataset, "b");

    assertThat(both.clips().select("clip_id").collectAsList())
        .extracting(row -> row.getString(0))
        .containsExactlyInAnyOrder("a-t0-c0000", "a-t0-c0001", "b-t0-c0000", "b-t0-c0001");
  }

  private List<Path> parquetFiles() {
    return Arrays.stream(new Dataset<?>[] {dataset.videos(), dataset.tracks(), dataset.clips()})
        .flatMap(table -> Arrays.stream(table.inputFiles()))
        .map(file -> Path.of(URI.create(file)))
        .toList();
  }

  private FaceVideoDataset publish(FaceVideoDataset parent, String id) {
    return StoredRows.publish(spark, parent, StoredRows.processed(id + ".mp4", id, "p"));
  }
}
