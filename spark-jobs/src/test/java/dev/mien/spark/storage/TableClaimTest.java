package dev.mien.spark.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FileUtil;
import org.apache.hadoop.fs.Path;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/** Whose a table is; {@code S3Check} has processes race for it. */
public class TableClaimTest {

  private static final Duration LIFETIME = Duration.ofMinutes(10);
  private static final UUID WRITER = new UUID(1, 2);

  private java.nio.file.Path folder;
  private Path table;
  private FileSystem files;

  @BeforeMethod
  public void makeTable() throws IOException {
    folder = Files.createTempDirectory("table-claim").toRealPath();
    table = new Path(folder.toUri());
    files = WholeFile.fileSystem(new Configuration(), table);
  }

  @AfterMethod(alwaysRun = true)
  public void delete() {
    FileUtil.fullyDelete(folder.toFile());
  }

  @Test
  public void aTableIsOneWritersUntilItGivesItUp() throws IOException {
    TableClaim first = TableClaim.take(files, table, LIFETIME);
    AtomicLong pauses = new AtomicLong();

    TableClaim second =
        TableClaim.take(
            files,
            table,
            LIFETIME,
            WRITER,
            nanos -> {
              assertThat(claims()).as("of who has it, while another waits").hasSize(1);
              if (pauses.incrementAndGet() == 3) {
                first.end();
              }
            });

    assertThat(pauses).hasValue(3);
    assertThat(claims()).hasSize(1);
    second.end();
    assertThat(claims()).isEmpty();
  }

  @Test
  public void aKilledWritersClaimEndsByTheClockOfTheStore() throws IOException {
    TableClaim.take(files, table, LIFETIME);
    java.nio.file.Path killed = claims().get(0);
    age(killed, LIFETIME.minusSeconds(30));
    AtomicLong pauses = new AtomicLong();

    TableClaim.take(
            files,
            table,
            LIFETIME,
            WRITER,
            nanos -> {
              pauses.incrementAndGet();
              age(killed, LIFETIME.plusSeconds(30));
            })
        .end();

    assertThat(pauses).hasValue(1);
    assertThat(claims()).isEmpty();
  }

  @Test
  public void whoWaitsTooLongIsToldForWhom() throws IOException {
    TableClaim.take(files, table, LIFETIME);
    AtomicLong waited = new AtomicLong();

    assertThatThrownBy(() -> TableClaim.take(files, table, LIFETIME, WRITER, waited::addAndGet))
        .isInstanceOf(IOException.class)
        .hasMessageMatching(
            "Cannot commit to file:%s.*: kept from it for 9\\d\\d s, at last by %d@.*"
                .formatted(folder, ProcessHandle.current().pid()));

    assertThat(waited.get())
        .isBetween(Duration.ofMinutes(15).toNanos(), Duration.ofMinutes(16).toNanos());
    assertThat(claims()).hasSize(1);
  }

  @Test
  public void whoIsInterruptedWaitsNoLonger() throws IOException {
    TableClaim.take(files, table, LIFETIME);

    assertThatThrownBy(
            () ->
                TableClaim.take(
                    files, table, LIFETIME, WRITER, nanos -> Thread.currentThread().interrupt()))
        .isInstanceOf(InterruptedIOException.class);

    assertThat(Thread.interrupted()).isTrue();
    assertThat(claims()).hasSize(1);
  }

  private List<java.nio.file.Path> claims() {
    try (Stream<java.nio.file.Path> claims = Files.list(folder.resolve("_claims"))) {
      return claims.toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void age(java.nio.file.Path file, Duration age) {
    try {
      Files.setLastModifiedTime(
          file, FileTime.fromMillis(System.currentTimeMillis() - age.toMillis()));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
