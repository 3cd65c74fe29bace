package dev.mien.spark;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;
import org.apache.spark.sql.SparkSession;

/**
 * The files of this machine, for a job during which another is to run from beginning to end: just
 * before a certain file is made.
 */
public final class MeetingFileSystem extends LocalFileSystem {

  private static final Map<String, String> SETTINGS =
      Map.of(
          "fs.file.impl",
          MeetingFileSystem.class.getName(),
          "fs.file.impl.disable.cache", // of those that other sessions opened
          "true");

  private static final AtomicReference<Meeting> NEXT = new AtomicReference<>();

  /** Something that may fail. */
  public interface Work {
    void run() throws Exception;
  }

  /**
   * @param left files of the path to be made before, and this one
   */
  private record Meeting(SparkSession spark, Pattern path, AtomicInteger left, Work other) {

    boolean isAt(Path file) {
      return path.matcher(file.toUri().getPath()).matches() && left.decrementAndGet() == 0;
    }
  }

  /**
   * Works in a session, and lets another do its work on the way.
   *
   * @param path that is about to be made then
   * @param number of the file of this path, from 1
   * @param other must use a session of its own
   */
  public static void meet(SparkSession spark, String path, int number, Work other, Work work)
      throws Exception {
    Meeting meeting =
        new Meeting(spark, Pattern.compile(".*/" + path), new AtomicInteger(number), other);
    NEXT.set(meeting);
    SETTINGS.forEach(spark.conf()::set);
    try {
      work.run();
    } finally {
      SETTINGS.keySet().forEach(spark.conf()::unset);
      NEXT.set(null);
    }
    if (meeting.left().get() > 0) {
      throw new AssertionError("Nothing made " + path);
    }
  }

  @Override
  public FSDataOutputStream create(
      Path path,
      FsPermission permission,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    Meeting meeting = NEXT.get();
    if (meeting != null && meeting.isAt(path)) {
      await(meeting);
    }
    return super.create(path, permission, overwrite, bufferSize, replication, blockSize, progress);
  }

  /** In a thread of its own: this one may be a task's, from which Spark takes no jobs. */
  private static void await(Meeting meeting) throws IOException {
    CompletableFuture<Void> done = new CompletableFuture<>();
    new Thread(
            () -> {
              try {
                // A task's thread may have inherited the session of an earlier test.
                SparkSession.setActiveSession(meeting.spark());
                meeting.other().run();
                done.complete(null);
              } catch (Throwable e) {
                done.completeExceptionally(e);
              }
            })
        .start();
    try {
      done.get();
    } catch (InterruptedException e) {
      throw new InterruptedIOException(e.getMessage());
    } catch (ExecutionException e) {
      throw new IOException("What was to happen meanwhile failed", e.getCause());
    }
  }
}
