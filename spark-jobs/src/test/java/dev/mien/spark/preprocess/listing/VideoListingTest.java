package dev.mien.spark.preprocess.listing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.security.AccessControlException;
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
    Collection<VideoSource> videos = videos(folder + "/dev", folder + "/dev/mp4/id0000*");

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
  public void filesThatAreNoVideosByTheirNamesAreCounted() throws IOException {
    Path mixed = Files.createDirectories(folder.resolve("mixed/deep/deeper"));
    for (String name : List.of("a.mp4", "a.MXF", "b.mxf", "c.txt", "README", "0.5 m", ".hidden")) {
      Files.writeString(mixed.resolve(name), "");
    }
    Files.writeString(folder.resolve("mixed/d.txt"), "");

    assertThat(VideoListing.list(hadoop, List.of(folder + "/mixed")).otherFiles())
        .containsExactly(
            Map.entry(".mxf", 2L), Map.entry(".txt", 2L), Map.entry("no extension", 2L));

    for (int part = 10; part < 20; part++) {
      Files.writeString(mixed.resolve("download.part" + part), "");
    }
    assertThat(VideoListing.list(hadoop, List.of(folder + "/mixed")).otherFiles())
        .hasSize(11)
        .containsEntry(".txt", 2L)
        .containsEntry("other extensions", 3L);
  }

  @Test
  public void aFileAndAGlobAreInputsToo() throws IOException {
    assertThat(videos(folder + "/dev/mp4/id00007/video1/00003.mp4")).hasSize(1);
    assertThat(videos(folder + "/dev/mp4/id0001[0-4]/video0")).hasSize(5 * 4);
    assertThat(videos(folder + "/dev/*"))
        .as("a glob passes over what a folder passes over")
        .hasSize(300 * 2 * 4 + 2);
    Path bracketed = Files.createDirectories(folder.resolve("Talks [HD] {1,2}"));
    Files.writeString(bracketed.resolve("Title [dQw4w9WgXcQ].mp4"), "12345");
    assertThat(videos(bracketed.toString())).as("a name that reads as a glob").hasSize(1);
    assertThat(videos(bracketed + "/Title [dQw4w9WgXcQ].mp4")).hasSize(1);
    assertThat(videos(folder + "/dev/.Trash")).as("named, it is what somebody means").hasSize(1);
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
    Files.createSymbolicLink(other.resolve("round"), other);
    Files.createSymbolicLink(other.resolve("round-too"), other);
    Files.createSymbolicLink(other.resolve("latest"), Files.createDirectory(other.resolve("c")));
    Files.writeString(other.resolve("c/d.mp4"), "12345");
    Path third = Files.createDirectories(folder.resolve("third"));
    Files.writeString(third.resolve("e.mp4"), "12345");
    Files.createSymbolicLink(other.resolve("onwards"), third);
    Files.createSymbolicLink(third.resolve("back"), other);

    assertThat(videos(days.toString()))
        .extracting(VideoSource::uri)
        .containsExactly(
            "file:" + days + "/2026/11/28/a.mp4",
            "file:" + days + "/elsewhere/b.mp4",
            "file:" + days + "/elsewhere/c/d.mp4",
            "file:" + days + "/elsewhere/onwards/e.mp4");
    assertThat(videos(days.resolve("latest").toString()))
        .as("named, it is what somebody means")
        .hasSize(1);
  }

  @Test
  public void aFileThatIsNamedIsTakenHoweverItIsHidden() throws IOException {
    Path hidden = Files.writeString(folder.resolve(".hidden.mp4"), "12345");

    assertThat(videos(hidden.toString()))
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
            other, folder)
        .hasMessageContaining("; files there by extension: {.mxf=1");
    Files.delete(other);
    Files.writeString(unmounted.resolve("00001.MTS"), "12345");
    assertThat(videos(folder + "/mnt")).hasSize(1);
  }

  @Test
  public void nothingAtAnInputIsSaid() {
    List<String> inputs = List.of(folder + "/dev", folder + "/tset", folder + "/tra*");
    assertThatThrownBy(() -> VideoListing.list(hadoop, inputs))
        .hasMessage(
            "Nothing at --input %1$s/tset, %1$s/tra* (must be a folder, a file or a glob)", folder);
  }

  /** The files of this machine, some of whose folders nobody may list, or are gone by then. */
  public static final class Guarded extends RawLocalFileSystem {

    @Override
    public void initialize(URI uri, Configuration hadoop) {
      setConf(hadoop);
    }

    @Override
    public URI getUri() {
      return URI.create("guarded:///");
    }

    @Override
    public FileStatus[] listStatus(org.apache.hadoop.fs.Path folder) throws IOException {
      if (folder.getName().endsWith("private")) {
        throw new AccessControlException("Permission denied: user=mien\nat NameNode");
      }
      if (folder.getName().equals("away")) {
        throw new ConnectException("Connection refused");
      }
      if (folder.getName().equals("vanished")) {
        throw new FileNotFoundException("File " + folder + " does not exist");
      }
      return Stream.of(super.listStatus(folder)).map(Guarded::plain).toArray(FileStatus[]::new);
    }

    /** Without the owner, for whom this machine would be asked of a file of its own. */
    private static FileStatus plain(FileStatus file) {
      return new FileStatus(
          file.getLen(), file.isDirectory(), 1, 1, file.getModificationTime(), file.getPath());
    }
  }

  @Test
  public void aFolderThatCannotBeListedIsNamedAndCostsNoOther() throws IOException {
    hadoop.set("fs.guarded.impl", Guarded.class.getName());
    Path shared = Files.createDirectories(folder.resolve("shared"));
    for (int person = 0; person < 130; person++) {
      Path own = Files.createDirectories(shared.resolve("p%03d/a".formatted(person)));
      Files.writeString(own.resolve("1.mp4"), "12345");
    }
    for (String closed :
        List.of("private", "vanished", "p007/private", "p008/vanished", "p009/.private")) {
      Path below = Files.createDirectories(shared.resolve(closed));
      Files.writeString(below.resolve("2.mp4"), "12345");
    }
    String root = "guarded:" + shared;

    FoundVideos found = VideoListing.list(hadoop, List.of(root));

    assertThat(found.videos()).hasSize(130);
    assertThat(found.unlisted())
        .containsExactly(
            Map.entry(root + "/p007/private/", "Permission denied: user=mien"),
            Map.entry(root + "/private/", "Permission denied: user=mien"));
    assertThatThrownBy(() -> VideoListing.list(hadoop, List.of(root + "/private")))
        .as("what an input names")
        .hasMessageStartingWith("Cannot list the input: Permission denied");
    Files.createDirectories(shared.resolve("p011/away"));
    assertThatThrownBy(() -> VideoListing.list(hadoop, List.of(root)))
        .as("no folder's fault")
        .isInstanceOf(IOException.class)
        .hasMessage("Cannot list the input: Connection refused");
  }

  private Collection<VideoSource> videos(String... inputs) throws IOException {
    return VideoListing.list(hadoop, List.of(inputs)).videos();
  }
}
