package dev.mien.spark.preprocess.listing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.mien.spark.LocalSpark;
import dev.mien.spark.config.MienConfiguration;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.apache.spark.sql.SparkSession;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

public class VideoListsTest {

  private SparkSession spark;
  private Path folder;

  @BeforeClass
  public void start() throws IOException {
    spark =
        LocalSpark.open(MienConfiguration.load(Optional.of("tiny"), Optional.empty(), List.of()));
    folder = Files.createTempDirectory("lists").toRealPath();
  }

  @AfterClass(alwaysRun = true)
  public void stop() {
    spark.stop();
  }

  @Test
  public void aListNamesFilesAndWhatIsKnownOfThem() throws IOException {
    Path list = Files.createDirectories(folder.resolve("lists/one")).resolve("videos.csv");
    Files.writeString(list.resolveSibling("a.mp4"), "12345");
    Path whole = Files.writeString(folder.resolve("whole.mp4"), "1");
    Files.writeString(
        list,
        """
        split, uri ,person_id
        Test, a.mp4 ,  Ada
        ,%s,
        dev,b.mp4,Bob
        dev,../../whole.mp4,Eve
        dev,%s,Eve
        dev,file:clip.mp4,Eve
        dev,./a.mp4,Bob
        """
            .formatted(whole, folder));

    List<VideoSource> videos = VideoLists.read(spark, list.toUri().toString());

    String here = "file:" + folder;
    assertThat(videos)
        .extracting(VideoSource::uri, VideoSource::size, VideoSource::problem)
        .containsExactlyInAnyOrder(
            tuple(here + "/lists/one/a.mp4", 5L, null),
            tuple(here + "/whole.mp4", 1L, null),
            tuple(here + "/lists/one/b.mp4", 0L, "missing file"),
            tuple(here, 0L, "not a file"),
            tuple(
                "file:clip.mp4",
                0L,
                "invalid uri: java.net.URISyntaxException: Relative path in absolute URI:"
                    + " file:clip.mp4"));
    assertThat(videos)
        .filteredOn(video -> video.size() == 5)
        .extracting(VideoSource::labels)
        .as("of two rows the first")
        .containsExactly(new VideoLabels("Ada", "test", null, null));
    Path outside = Files.writeString(list.resolveSibling("outside.csv"), "uri\n../../whole.mp4\n");
    assertThat(VideoLists.read(spark, outside.toString()))
        .extracting(VideoSource::problem)
        .containsExactly("outside the folder of its list");

    Path parquet = folder.resolve("list.parquet");
    spark
        .read()
        .option("header", true)
        .option("ignoreLeadingWhiteSpace", true)
        .option("ignoreTrailingWhiteSpace", true)
        .csv(list.toString())
        .write()
        .parquet(parquet.toString());
    assertThat(VideoLists.read(spark, parquet.toString())).hasSize(6);
    Path wrong = Files.writeString(folder.resolve("wrong.csv"), "url,person\nx,y\n");
    assertThatThrownBy(() -> VideoLists.read(spark, wrong.toString()))
        .hasMessage("List %s has no column uri (there are url, person)", wrong);
  }

  @Test
  public void aRowOfAStoreWithoutAClientCostsItselfOnly() throws IOException {
    Path list = Files.createDirectories(folder.resolve("stores")).resolve("list.csv");
    Files.writeString(list.resolveSibling("a.mp4"), "12345");
    Files.writeString(list, "uri\na.mp4\nwasb://container@account/b.mp4\n");

    assertThat(VideoLists.read(spark, list.toString()))
        .extracting(VideoSource::size, VideoSource::problem)
        .containsExactlyInAnyOrder(
            tuple(5L, null),
            tuple(
                0L,
                "cannot be reached: java.lang.ClassNotFoundException: Class"
                    + " org.apache.hadoop.fs.azure.NativeAzureFileSystem not found"));
  }

  @Test
  public void globsAndFoldersOfListsAreReadAsTheirFilesAreNamed() throws IOException {
    Path days = folder.resolve("days");
    for (String day : List.of("day-1", "day-2[x]")) {
      Path list = Files.createDirectories(days.resolve(day)).resolve("list.csv");
      Files.writeString(list.resolveSibling("a.mp4"), "12345");
      Files.writeString(list, "uri,person_id\na.mp4,of %s\n".formatted(day));
    }
    Path packed = Files.createDirectories(folder.resolve("packed/videos")).getParent();
    Files.writeString(packed.resolve("videos/b.mp4"), "12345");
    Files.createFile(packed.resolve("_SUCCESS"));
    try (OutputStream out =
        new GZIPOutputStream(Files.newOutputStream(packed.resolve("list.CSV.gz")))) {
      out.write("uri,person_id\nvideos/b.mp4,packed\n".getBytes(StandardCharsets.UTF_8));
    }

    assertThat(read(days + "/*/list.csv"))
        .as("each row relative to its own list")
        .containsExactly("days/day-1/a.mp4 of day-1 null", "days/day-2[x]/a.mp4 of day-2[x] null");
    assertThat(read(packed.toString())).containsExactly("packed/videos/b.mp4 packed null");
    Path mixed = Files.createDirectory(folder.resolve("mixed"));
    Files.writeString(mixed.resolve("1.csv"), "uri,person_id\na.mp4,Ada\n");
    Files.writeString(mixed.resolve("2.csv"), "person_id,uri\nBob,b.mp4\n");
    assertThatThrownBy(() -> read(mixed.toString()))
        .as("columns in another order")
        .hasStackTraceContaining("CSV header does not conform to the schema")
        .hasStackTraceContaining("CSV file: file://" + mixed);

    Files.createFile(packed.resolve("more.parquet"));
    assertThatThrownBy(() -> read(packed.toString()))
        .hasMessageStartingWith("Both CSV and Parquet at --list " + packed + ": file:" + packed);
    Path other = Files.writeString(folder.resolve("list.txt"), "uri\na.mp4\n");
    assertThatThrownBy(() -> read(other.toString()))
        .hasMessage(
            "Cannot tell how a file of --list %1$s is written: file:%1$s"
                + " (must end in .csv, .csv.gz or .parquet)",
            other);
  }

  private List<String> read(String list) throws IOException {
    return VideoLists.read(spark, list).stream()
        .map(
            video ->
                "%s %s %s"
                    .formatted(
                        video.uri().substring(("file:" + folder + "/").length()),
                        video.labels().person(),
                        video.problem()))
        .toList();
  }
}
