package dev.mien.spark.encryption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mien.spark.LocalSpark;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.ClipEntry;
import dev.mien.spark.dataset.ClipIndex;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.RowGroupReader;
import dev.mien.spark.dataset.Tables;
import java.io.IOException;
import java.io.Reader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.crypto.key.KeyProvider;
import org.apache.hadoop.crypto.key.KeyProviderFactory;
import org.apache.parquet.crypto.keytools.KeyToolkit;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** A dataset under the settings of {@code conf/spark/encrypted-tables.properties}. */
public class EncryptedTablesTest {

  private static final String KEY = "mien-faces";
  private static final byte[] FACE = "the pixels of a face".getBytes(StandardCharsets.UTF_8);

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

    assertThat(files).hasSize(2); // of videos and of clips: there is no track
    for (Path file : files) {
      byte[] bytes = Files.readAllBytes(file);
      assertThat(new String(bytes, 0, 4, StandardCharsets.US_ASCII))
          .as(file.toString())
          .isEqualTo("PARE");
      assertThat(new String(bytes, StandardCharsets.ISO_8859_1))
          .doesNotContain(new String(FACE, StandardCharsets.ISO_8859_1))
          .doesNotContain("clip_id");
    }
  }

  @Test
  public void whoHasTheKeyReadsClipsAsTrainingDoes() throws IOException {
    ClipEntry entry = ClipIndex.read(spark, dataset).clips().get(0);

    assertThat(
            RowGroupReader.read(spark.sessionState().newHadoopConf(), entry.location().rowGroup()))
        .singleElement()
        .satisfies(clip -> assertThat(clip.images().get(0)).isEqualTo(FACE));
    assertThat(dataset.clips().select("clip_id").first().getString(0)).isEqualTo("a-c");
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
        .containsExactlyInAnyOrder("a-c", "b-c");
  }

  private List<Path> parquetFiles() {
    return Arrays.stream(new Dataset<?>[] {dataset.videos(), dataset.tracks(), dataset.clips()})
        .flatMap(table -> Arrays.stream(table.inputFiles()))
        .map(file -> Path.of(URI.create(file)))
        .toList();
  }

  private FaceVideoDataset publish(FaceVideoDataset parent, String id) {
    Row video =
        RowFactory.create(
            id,
            id,
            1L,
            2L,
            "hash-" + id,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            1,
            1,
            1,
            1L,
            "processed",
            "",
            Map.of(),
            new Object[0],
            "pipeline",
            RowFactory.create(0.0, 0.0, 0.0, 0.0, 0.0, 0.0));
    Row clip =
        RowFactory.create(
            id + "-c",
            id + "-t",
            id,
            null,
            null,
            0,
            1,
            224,
            224,
            25.0,
            new long[] {0},
            "jpeg",
            new Object[] {FACE},
            new byte[56 * 56],
            new byte[0],
            RowFactory.create(1f, 1f, 1f, 1f, 1f, 1f, 1f, 1f, 1f, 1f),
            new long[] {7});
    return parent.publish(
        rows(Tables.VIDEOS, video), rows(Tables.TRACKS), rows(Tables.CLIPS, clip));
  }

  private Dataset<Row> rows(StructType columns, Row... rows) {
    return spark.createDataFrame(List.of(rows), columns);
  }
}
