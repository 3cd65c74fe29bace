package dev.mien.spark.video;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mien.spark.pretrain.replica.SlowFileSystem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.impl.OpenFileParameters;
import org.testng.annotations.Test;

public class LocalVideoTest {

  /** The sha256 that NOTICE gives for the sample. */
  private static final String CAP13 =
      "8d82721c7e799cbd0f0ee165c96b5674e15ff7e919ff290fda560cd42aec714e";

  private final Configuration hadoop = new Configuration();

  @Test
  public void aLocalFileIsHashedAndUsedWhereItLies() throws IOException {
    Path sample = Path.of("../samples/dev/mp4/id90001/cap13/00001.mp4").toRealPath();

    try (LocalVideo video =
        LocalVideo.fetch(sample.toUri().toString(), hadoop, sample.getParent())) {
      assertThat(video.contentHash()).isEqualTo(CAP13);
      assertThat(video.file()).isEqualTo(sample);
    }

    assertThat(sample).exists();
  }

  @Test
  public void aPathWithoutASchemeIsOfTheDefaultFileSystem() throws IOException {
    Configuration elsewhere = new Configuration();
    elsewhere.set("fs.slow.impl", SlowFileSystem.class.getName());
    elsewhere.set("fs.defaultFS", "slow:///");
    Path video = Files.writeString(Files.createTempFile("remote", ".mp4"), "12345");

    Path folder = Files.createTempDirectory("room");
    try (LocalVideo copy = LocalVideo.fetch(video.toString(), elsewhere, folder)) {
      assertThat(copy.file()).as("a copy").hasParent(folder).hasContent("12345");
    }
    Files.delete(video);
  }

  @Test
  public void aCopyOfANameWithoutAnExtensionHasNone() throws IOException {
    hadoop.set("fs.slow.impl", SlowFileSystem.class.getName());
    Path room = Files.createTempDirectory("room");
    Path video = Files.writeString(room.resolve("v".repeat(255)), "12345");

    try (LocalVideo copy = LocalVideo.fetch("slow://" + video, hadoop, room)) {
      assertThat(copy.file()).hasFileName("video").hasContent("12345");
    }
  }

  @Test
  public void aFileThatWentAwayIsUnreadable() throws IOException {
    Path gone = Files.createTempFile("gone", ".mp4");
    Files.delete(gone);

    assertThatThrownBy(() -> LocalVideo.fetch(gone.toUri().toString(), hadoop, gone.getParent()))
        .isInstanceOf(UnreadableVideoException.class)
        .hasMessageContaining(gone.toString());
  }

  @Test
  public void aFolderThatTakesNoCopyIsNoFaultOfTheVideo() throws IOException {
    hadoop.set("fs.slow.impl", SlowFileSystem.class.getName());
    Path video = Files.writeString(Files.createTempFile("remote", ".mp4"), "12345");
    Path full = video.resolveSibling("missing");
    String uri = "slow://" + video;

    assertThatThrownBy(() -> LocalVideo.fetch(uri, hadoop, full))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageStartingWith(
            "Cannot write a copy of slow:%s to %s: ", video, full.resolve("video.mp4"));
    try (LocalVideo copy = LocalVideo.fetch(uri, hadoop, Files.createTempDirectory("room"))) {
      assertThat(copy.file()).hasContent("12345");
    }
    Files.delete(video);
  }

  @Test
  public void aVideoThatTheDiskCouldNotHoldIfItWereEmptyIsRefusedUnread() throws IOException {
    hadoop.set("fs.huge.impl", HugeFiles.class.getName());
    Path video = Files.writeString(Files.createTempFile("remote", ".mp4"), "12345");
    Path room = Files.createTempDirectory("room");

    assertThatThrownBy(() -> LocalVideo.fetch("huge://" + video, hadoop, room))
        .isInstanceOf(UnreadableVideoException.class)
        .hasMessageMatching(
            "larger than the local disk: 4294967296\\.0 GiB \\(at most [0-9.]+ GiB, a quarter of the disk of %s; .*"
                .formatted(room));
    assertThat(room).isEmptyDirectory();
    Files.delete(video);
  }

  @Test
  public void aStoreIsNotAskedTwiceForTheFile() throws IOException {
    hadoop.set("fs.told.impl", ToldFiles.class.getName());
    Path video = Files.writeString(Files.createTempFile("remote", ".mp4"), "12345");
    ToldFiles.OPENED.clear();

    try (LocalVideo copy =
        LocalVideo.fetch("told://" + video, hadoop, Files.createTempDirectory("room"))) {
      assertThat(copy.file()).hasContent("12345");
    }

    assertThat(ToldFiles.OPENED)
        .singleElement()
        .satisfies(status -> assertThat(status.getLen()).isEqualTo(5));
    Files.delete(video);
  }

  /** Files of this machine under {@code told:}, which keep what who opens them knows of them. */
  public static final class ToldFiles extends RawLocalFileSystem {

    private static final Queue<FileStatus> OPENED = new ConcurrentLinkedQueue<>();

    @Override
    public URI getUri() {
      return URI.create("told:///");
    }

    @Override
    protected CompletableFuture<FSDataInputStream> openFileWithOptions(
        org.apache.hadoop.fs.Path path, OpenFileParameters parameters) throws IOException {
      OPENED.add(parameters.getStatus());
      return super.openFileWithOptions(path, parameters);
    }
  }

  /** Files of this machine under {@code huge:}, each of 4 EiB as far as is said. */
  public static final class HugeFiles extends RawLocalFileSystem {

    @Override
    public URI getUri() {
      return URI.create("huge:///");
    }

    @Override
    public FileStatus getFileStatus(org.apache.hadoop.fs.Path path) {
      return new FileStatus(1L << 62, false, 1, 1, 1, path);
    }
  }
}
