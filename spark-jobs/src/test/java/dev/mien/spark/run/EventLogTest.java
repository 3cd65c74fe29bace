package dev.mien.spark.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.mien.spark.run.EventFiles.Shown;
import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.tensorflow.util.Event;
import org.tensorflow.util.SessionLog.SessionStatus;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

public class EventLogTest {

  private final Configuration hadoop = new Configuration();
  private String run;

  @BeforeMethod
  public void makeRun() throws IOException {
    run = Files.createTempDirectory("run").toUri().toString();
  }

  @Test
  public void whatIsAddedCanBeReadWhileTheRunGoesOn() throws IOException {
    try (EventLog log = EventLog.start(hadoop, run, 0)) {
      log.scalars(20, Map.of("round/loss", 0.25));
      log.image(20, "reconstruction/a", 3, 2, new byte[] {1, 2, 3});

      List<Event> events = EventFiles.read(hadoop, run).get(0);
      assertThat(events).hasSize(4);
      assertThat(events.get(0).getFileVersion()).isEqualTo("brain.Event:2");
      assertThat(events.get(1).getSessionLog().getStatus()).isEqualTo(SessionStatus.START);
      assertThat(events.get(2).getStep()).isEqualTo(20);
      assertThat(events.get(2).getSummary().getValue(0).getSimpleValue()).isEqualTo(0.25f);
      assertThat(events.get(3).getSummary().getValue(0).getImage())
          .satisfies(
              image -> {
                assertThat(image.getHeight()).isEqualTo(3);
                assertThat(image.getWidth()).isEqualTo(2);
                assertThat(image.getEncodedImageString().toByteArray()).containsExactly(1, 2, 3);
              });
    }
  }

  @Test
  public void aResumedRunShowsEachStepOnce() throws IOException {
    EventLog killed = EventLog.start(hadoop, run, 0);
    for (long step = 10; step <= 40; step += 10) {
      killed.scalars(step, Map.of("loss", (double) step));
    }
    try (EventLog resumed = EventLog.start(hadoop, run, 30)) {
      resumed.scalars(30, Map.of("loss", 31.0));
      resumed.scalars(40, Map.of("loss", 41.0));
    }

    assertThat(EventFiles.shown(hadoop, run))
        .extracting(Shown::step, shown -> shown.value().getSimpleValue())
        .containsExactly(tuple(10L, 10f), tuple(20L, 20f), tuple(30L, 31f), tuple(40L, 41f));
  }

  @Test
  public void whereFilesAppearWhenTheyAreWholeOneEndsWithEachTurn() throws IOException {
    hadoop.setClass("fs.whole.impl", WholeFiles.class, RawLocalFileSystem.class);
    String store = run.replace("file:", "whole:");
    EventLog log = EventLog.start(hadoop, store, 0);
    log.scalars(1, Map.of("loss", 1.0));
    log.turn();
    log.scalars(2, Map.of("loss", 2.0));
    log.turn();
    log.scalars(3, Map.of("loss", 3.0));

    assertThat(EventFiles.shown(hadoop, run)).extracting(Shown::step).containsExactly(1L, 2L);
    log.close();
    assertThat(EventFiles.shown(hadoop, run)).extracting(Shown::step).containsExactly(1L, 2L, 3L);
  }

  @Test
  public void noFileIsWithoutEventsHoweverOftenOneEnds() throws IOException {
    hadoop.setClass("fs.whole.impl", WholeFiles.class, RawLocalFileSystem.class);
    try (EventLog log = EventLog.start(hadoop, run.replace("file:", "whole:"), 0)) {
      for (long step = 1; step <= 3; step++) {
        log.scalars(step, Map.of("loss", 1.0));
        log.turn();
        log.turn();
      }
    }

    assertThat(EventFiles.read(hadoop, run))
        .hasSize(3)
        .allSatisfy(file -> assertThat(file.get(file.size() - 1).hasSummary()).isTrue());
  }

  @Test
  public void whereAFileTakesNoMoreAnotherGoesOn() throws IOException {
    hadoop.setClass("fs.breaking.impl", BreakingFiles.class, RawLocalFileSystem.class);
    hadoop.setInt("io.file.buffer.size", 1); // what is written reaches the file at once
    try (EventLog log = EventLog.start(hadoop, run.replace("file:", "breaking:"), 0)) {
      log.scalars(1, Map.of("loss", 1.0));
      BreakingFiles.breaking = true;
      log.scalars(2, Map.of("loss", 2.0));
      log.scalars(3, Map.of("loss", 3.0));
    }

    assertThat(EventFiles.read(hadoop, run)).hasSize(2);
    assertThat(EventFiles.shown(hadoop, run)).extracting(Shown::step).containsExactly(1L, 2L, 3L);
  }

  @Test
  public void aFullLocalDiskIsAnExceptionAsAnyOther() throws IOException {
    hadoop.setClass("fs.full.impl", FullDisk.class, RawLocalFileSystem.class);

    assertThatThrownBy(() -> EventLog.start(hadoop, run.replace("file:", "full:"), 0))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("No space left on device");
  }

  @Test
  public void filesOfOthersAreNotCounted() throws IOException {
    EventLog.start(hadoop, run, 0).close();
    Path other = new Path(run, "tensorboard/events.out.tfevents.1700000000.host.1.0");
    other.getFileSystem(hadoop).create(other).close();

    EventLog.start(hadoop, run, 0).close();

    Path next = new Path(run, "tensorboard/events.out.tfevents.00000002");
    assertThat(next.getFileSystem(hadoop).exists(next)).isTrue();
  }

  /** Local files on a disk that is full, which Hadoop says by an Error. */
  public static final class FullDisk extends RawLocalFileSystem {

    @Override
    public URI getUri() {
      return URI.create("full:///");
    }

    @Override
    protected OutputStream createOutputStreamWithMode(
        Path path, boolean append, FsPermission permission) throws IOException {
      return super.createOutputStreamWithMode(new Path("/dev/full"), true, null);
    }
  }

  /** Local files of which the one that is open breaks once. */
  public static final class BreakingFiles extends RawLocalFileSystem {

    private static boolean breaking;

    @Override
    public URI getUri() {
      return URI.create("breaking:///");
    }

    @Override
    protected OutputStream createOutputStreamWithMode(
        Path path, boolean append, FsPermission permission) throws IOException {
      return new FilterOutputStream(super.createOutputStreamWithMode(path, append, permission)) {
        @Override
        public void write(byte[] bytes, int from, int count) throws IOException {
          if (breaking) {
            breaking = false;
            throw new IOException("All datanodes are bad");
          }
          out.write(bytes, from, count);
        }
      };
    }
  }

  /** Local files that cannot be flushed, so that they are there once they are closed. */
  public static final class WholeFiles extends RawLocalFileSystem {

    @Override
    public URI getUri() {
      return URI.create("whole:///");
    }

    @Override
    public String getScheme() {
      return "whole";
    }

    @Override
    protected OutputStream createOutputStreamWithMode(
        Path path, boolean append, FsPermission permission) throws IOException {
      OutputStream file = super.createOutputStreamWithMode(path, append, permission);
      return new ByteArrayOutputStream() {
        @Override
        public void close() throws IOException {
          writeTo(file);
          file.close();
        }
      };
    }
  }
}
