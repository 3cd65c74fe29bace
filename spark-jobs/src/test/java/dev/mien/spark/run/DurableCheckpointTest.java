package dev.mien.spark.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.StreamCapabilities;
import org.apache.hadoop.fs.Syncable;
import org.apache.hadoop.fs.permission.FsPermission;
import org.testng.annotations.Test;

/** A checkpoint on local disks, of whose machine the power is cut once it is said to be there. */
public class DurableCheckpointTest extends CheckpointsFixture {

  @Test
  public void allThatAManifestNamesIsOnTheDiskBeforeItHasItsName() throws IOException {
    hadoop.setClass("fs.recorded.impl", RecordedFiles.class, FileSystem.class);

    new Checkpoints(hadoop, "recorded:" + run).write(manifest(1), initial(1));

    assertThat(RecordedFiles.DONE)
        .filteredOn(done -> !done.endsWith("README.md"))
        .containsExactly(
            "sync model.safetensors",
            "close model.safetensors",
            "sync optimiser.safetensors",
            "close optimiser.safetensors",
            "sync manifest.json.writing",
            "close manifest.json.writing",
            "name manifest.json");
  }

  @Test
  public void aChecksumThatAnEarlierVersionLeftIsNotTheNewFiles() throws IOException {
    Path checkpoint = new Path(run.toString(), "checkpoints/round-00000001");
    LocalFileSystem checked = FileSystem.getLocal(hadoop);
    for (String name : List.of("model.safetensors", "optimiser.safetensors", "manifest.json")) {
      try (FSDataOutputStream out = checked.create(new Path(checkpoint, name))) {
        out.write(1);
      }
    }
    assertThat(Files.exists(run.resolve("checkpoints/round-00000001/.manifest.json.crc"))).isTrue();

    checkpoints.write(manifest(1), initial(1));

    assertThat(checkpoints.newest(manifest -> {}, message -> {})).isPresent();
  }

  /** The files of this machine, and what becomes of those that are written. */
  public static final class RecordedFiles extends RawLocalFileSystem {

    private static final Queue<String> DONE = new ConcurrentLinkedQueue<>();

    @Override
    public URI getUri() {
      return URI.create("recorded:///");
    }

    @Override
    protected OutputStream createOutputStreamWithMode(
        Path path, boolean append, FsPermission permission) throws IOException {
      return new RecordedStream(
          path.getName(), super.createOutputStreamWithMode(path, append, permission));
    }

    @Override
    public boolean rename(Path from, Path to) throws IOException {
      DONE.add("name " + to.getName());
      return super.rename(from, to);
    }

    private static final class RecordedStream extends FilterOutputStream
        implements Syncable, StreamCapabilities {

      private final String name;

      private RecordedStream(String name, OutputStream file) {
        super(file);
        this.name = name;
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        out.write(bytes, offset, length);
      }

      @Override
      public void hflush() throws IOException {
        ((Syncable) out).hflush();
      }

      @Override
      public void hsync() throws IOException {
        ((Syncable) out).hsync();
        DONE.add("sync " + name);
      }

      @Override
      public boolean hasCapability(String capability) {
        return ((StreamCapabilities) out).hasCapability(capability);
      }

      @Override
      public void close() throws IOException {
        out.close();
        DONE.add("close " + name);
      }
    }
  }
}
