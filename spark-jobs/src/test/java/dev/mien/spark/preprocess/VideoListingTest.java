package dev.mien.spark.preprocess;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

public class VideoListingTest {

  private final Configuration hadoop = new Configuration();
  private Path folder;

  /** 300 people, 2 videos of each, 4 utterances of those, and what is no video. */
  @BeforeClass
  public void makeTree() throws IOException {
    folder = Files.createTempDirectory("listing").toRealPath();
    for (int person = 0; person < 300; person++) {
      for (int video = 0; video < 2; video++) {
        Path videoFolder =
            Files.createDirectories(
                folder.resolve("dev/mp4/id%05d/video%d".formatted(person, video)));
        for (int utterance = 0; utterance < 4; utterance++) {
          Files.createFile(videoFolder.resolve("%05d.mp4".formatted(utterance)));
        }
      }
    }
    Files.writeString(folder.resolve("dev/README.txt"), "no video");
    Files.writeString(folder.resolve("dev/mp4/.hidden.mp4"), "");
    Files.writeString(folder.resolve("dev/mp4/id00000/_h4SwAbvTsk.mp4"), "");
    // one in which branches are opened, and one below a branch
    Files.createDirectories(folder.resolve("dev/.Trash/id00001"));
    Files.writeString(folder.resolve("dev/.Trash/id00001/deleted.mp4"), "");
    Files.createDirectories(folder.resolve("dev/mp4/id00007/video0/.rsync-partial/deep"));
    Files.writeString(folder.resolve("dev/mp4/id00007/video0/.rsync-partial/deep/half.mp4"), "");
    Files.createDirectories(folder.resolve("dev/lost+found"));
    Files.writeString(folder.resolve("dev/lost+found/#12345.mp4"), "");
    Files.writeString(folder.resolve("dev/mp4/id00000/Whole.MOV"), "12345");
  }

  @Test
  public void everyVideoOfATreeIsFoundOnceInTheOrderOfUris() throws IOException {
    List<VideoSource> videos =
        VideoListing.list(hadoop, List.of(folder + "/dev", folder + "/dev/mp4/id0000*"));

    assertThat(videos).hasSize(300 * 2 * 4 + 2);
    assertThat(videos)
        .filteredOn(video -> video.uri().endsWith("_h4SwAbvTsk.mp4"))
        .singleElement()
        .extracting(VideoSource::labels)
        .isEqualTo(new VideoLabels("id00000", "dev", "_h4SwAbvTsk", null));
    assertThat(videos).extracting(VideoSource::uri).isSorted().doesNotHaveDuplicates();
    assertThat(videos)
        .filteredOn(video -> video.uri().endsWith("Whole.MOV"))
        .singleElement()
        .satisfies(
            video -> {
              assertThat(video.size()).isEqualTo(5);
              assertThat(video.uri()).startsWith("file:" + folder);
              assertThat(video.labels())
                  .isEqualTo(new VideoLabels("id00000", "dev", "Whole", null));
            });
  }

  @Test
  public void aFileAndAGlobAreInputsToo() throws IOException {
    assertThat(VideoListing.list(hadoop, List.of(folder + "/dev/mp4/id00007/video1/00003.mp4")))
        .hasSize(1);
    assertThat(VideoListing.list(hadoop, List.of(folder + "/dev/mp4/id0001[0-4]/video0")))
        .hasSize(5 * 4);
    assertThat(VideoListing.list(hadoop, List.of(folder + "/dev/*")))
        .as("a glob passes over what a folder passes over")
        .hasSize(300 * 2 * 4 + 2);
    Path bracketed = Files.createDirectories(folder.resolve("Talks [HD] {1,2}"));
    Files.writeString(bracketed.resolve("Title [dQw4w9WgXcQ].mp4"), "12345");
    assertThat(VideoListing.list(hadoop, List.of(bracketed.toString())))
        .as("a name that reads as a glob")
        .hasSize(1);
    assertThat(VideoListing.list(hadoop, List.of(bracketed + "/Title [dQw4w9WgXcQ].mp4")))
        .hasSize(1);
    assertThat(VideoListing.list(hadoop, List.of(folder + "/dev/.Trash")))
        .as("named, it is what somebody means")
        .hasSize(1);
  }

  @Test
  public void aLinkIsFollowedOutOfTheInputAndNotWithinIt() throws IOException {
    Path days = Files.createDirectories(folder.resolve("days"));
    Path today = Files.createDirectories(days.resolve("2026/11/28"));
    Files.writeString(today.resolve("a.mp4"), "12345");
    Files.createSymbolicLink(days.resolve("latest"), today);
    Files.createSymbolicLink(today.resolve("up"), days);
    Files.createSymbolicLink(today.resolve("above"), folder);
    Path other = Files.createDirectories(folder.resolve("disk"));
    Files.writeString(other.resolve("b.mp4"), "12345");
    Files.createSymbolicLink(days.resolve("elsewhere"), other);

    assertThat(VideoListing.list(hadoop, List.of(days.toString())))
        .extracting(VideoSource::uri)
        .containsExactly("file:" + days + "/2026/11/28/a.mp4", "file:" + days + "/elsewhere/b.mp4");
    assertThat(VideoListing.list(hadoop, List.of(days.resolve("latest").toString())))
        .as("named, it is what somebody means")
        .hasSize(1);
  }

  @Test
  public void aFileThatIsNamedIsTakenHoweverItIsHidden() throws IOException {
    Path hidden = Files.writeString(folder.resolve(".hidden.mp4"), "12345");

    assertThat(VideoListing.list(hadoop, List.of(hidden.toString())))
        .extracting(VideoSource::uri)
        .containsExactly("file:" + hidden);
    Files.delete(hidden);
  }

  @Test
  public void inputsWithoutAVideoAreSaid() throws IOException {
    Path other = Files.writeString(folder.resolve("talk.mxf"), "12345");
    Path unmounted = Files.createDirectories(folder.resolve("mnt/camera"));

    assertThatThrownBy(
            () ->
                VideoListing.list(
                    hadoop, List.of(other.toString(), folder + "/dev", folder + "/mnt")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "No video at --input %s, %s/mnt (names must end in one of [3g2, 3gp, asf, avi, ",
            other, folder);
    Files.delete(other);
    Files.writeString(unmounted.resolve("00001.MTS"), "12345");
    assertThat(VideoListing.list(hadoop, List.of(folder + "/mnt"))).hasSize(1);
  }

  @Test
  public void nothingAtAnInputIsSaid() {
    assertThatThrownBy(() -> VideoListing.list(hadoop, List.of(folder + "/dev", folder + "/tset")))
        .hasMessage("Nothing at --input %s/tset (must be a folder, a file or a glob)", folder);
  }
}
