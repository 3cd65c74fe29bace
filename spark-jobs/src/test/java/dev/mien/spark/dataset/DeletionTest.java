package dev.mien.spark.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

public class DeletionTest {

  private java.nio.file.Path folder;
  private List<Path> files;

  @BeforeMethod
  public void fill() throws IOException {
    folder = Files.createTempDirectory("deletion");
    for (String name : List.of("a", "b", "c")) {
      Files.writeString(folder.resolve(name), name);
    }
    files = Stream.of("a", "gone", "b", "c").map(name -> path(name)).toList();
  }

  @Test
  public void filesAreDeletedAtOnce() throws IOException {
    try (FileSystem system = open(new Meeting(files.size()))) {
      Deletion.atOnce(system, files);
    }

    assertThat(folder).isEmptyDirectory();
  }

  @Test
  public void aFileThatStaysIsNamedAndTheOthersGo() throws IOException {
    try (FileSystem system = open(new Keeping())) {
      assertThatThrownBy(() -> Deletion.atOnce(system, files))
          .isInstanceOf(IOException.class)
          .hasMessage("Cannot delete %s (make it possible, and erase again)", path("b"));
    }

    assertThat(folder.toFile().list()).containsExactly("b");
  }

  private Path path(String name) {
    return new Path(folder.resolve(name).toUri());
  }

  private static FileSystem open(FileSystem system) throws IOException {
    system.initialize(URI.create("file:///"), new Configuration());
    return system;
  }

  /** Files that are deleted when so many deletions are under way, and not before. */
  private static final class Meeting extends RawLocalFileSystem {

    private final CountDownLatch missing;

    private Meeting(int deletions) {
      missing = new CountDownLatch(deletions);
    }

    @Override
    public boolean delete(Path path, boolean recursive) throws IOException {
      missing.countDown();
      try {
        if (!missing.await(1, TimeUnit.MINUTES)) {
          throw new IOException("No other deletion began while this one was under way");
        }
      } catch (InterruptedException e) {
        throw new InterruptedIOException(e.getMessage());
      }
      return super.delete(path, recursive);
    }
  }

  /** Files of which b cannot be deleted. */
  private static final class Keeping extends RawLocalFileSystem {

    @Override
    public boolean delete(Path path, boolean recursive) throws IOException {
      return !path.getName().equals("b") && super.delete(path, recursive);
    }
  }
}
