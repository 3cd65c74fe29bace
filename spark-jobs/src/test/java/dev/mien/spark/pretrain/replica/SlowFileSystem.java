package dev.mien.spark.pretrain.replica;

import java.io.IOException;
import java.net.URI;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** The files of this machine under {@code slow:}, whose opening hangs as long as it is held up. */
public final class SlowFileSystem extends RawLocalFileSystem {

  private static final AtomicInteger OPENED = new AtomicInteger();

  private static volatile Hold held;

  /** Until it is closed, whoever opens a file waits, and does not heed an interrupt. */
  public static final class Hold implements AutoCloseable {

    private final Semaphore readers = new Semaphore(0);
    private final CountDownLatch end = new CountDownLatch(1);

    public void awaitReader() throws InterruptedException {
      awaitReaders(1);
    }

    /** Until so many hang at once, those of a former call not counted. */
    public void awaitReaders(int count) throws InterruptedException {
      readers.acquire(count);
    }

    /** Holds only those who wait already. */
    public void freeLaterReaders() {
      held = null;
    }

    @Override
    public void close() {
      held = null;
      end.countDown();
    }
  }

  /** From here on files are counted, and not opened. */
  public static Hold hold() {
    OPENED.set(0);
    held = new Hold();
    return held;
  }

  public static int opened() {
    return OPENED.get();
  }

  @Override
  public URI getUri() {
    return URI.create("slow:///");
  }

  @Override
  public FSDataInputStream open(Path path, int bufferSize) throws IOException {
    OPENED.incrementAndGet();
    Hold hold = held;
    if (hold != null) {
      hold.readers.release();
      boolean interrupted = false;
      while (hold.end.getCount() > 0) {
        try {
          hold.end.await();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
    return super.open(path, bufferSize);
  }
}
