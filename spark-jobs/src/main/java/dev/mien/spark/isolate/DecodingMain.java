package dev.mien.spark.isolate;

import dev.mien.preprocessing.clip.VideoPreprocessor;
import dev.mien.preprocessing.clip.VideoReport;
import dev.mien.preprocessing.video.BrokenVideoException;
import java.io.EOFException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;

/**
 * The main class of a decoding process: {@link Request}s in on standard input, {@link Reply}s out
 * on {@link DecodingCommand#REPLIES}. Its life hangs on both: when one ends, because the executor
 * closed it or died, the process removes its folder and is gone at once, whatever native code is
 * doing. A process that fails leaves the folder to the executor.
 */
final class DecodingMain {

  /** The status that a JVM ends with under {@code -XX:+ExitOnOutOfMemoryError}. */
  static final int OUT_OF_MEMORY = 3;

  private static final int FAILED = 1;

  /** How often the process looks how far decoding has come. */
  private static final long TICK_MILLIS = 100;

  private final MessageChannel<Request, Reply> channel;
  private final SynchronousQueue<Request> requests = new SynchronousQueue<>();
  private final Path folder;
  private volatile boolean decoding;

  private DecodingMain(MessageChannel<Request, Reply> channel, Path folder) {
    this.channel = channel;
    this.folder = folder;
  }

  /**
   * Runs until the executor closes a pipe or dies.
   *
   * @param arguments the process's folder
   */
  public static void main(String... arguments) {
    Path folder = Path.of(arguments[0]);
    try (FileOutputStream replies = new FileOutputStream(DecodingCommand.REPLIES)) {
      preferAsVictim();
      new DecodingMain(
              new MessageChannel<>(
                  System.in, RecordFormat.of(Request.class), replies, RecordFormat.of(Reply.class)),
              folder)
          .run();
    } catch (EOFException e) {
      end(folder);
    } catch (OutOfMemoryError e) {
      // JavaCPP's bound on native memory; the heap's own ends the JVM by itself.
      Runtime.getRuntime().halt(OUT_OF_MEMORY);
    } catch (IOException | InterruptedException | RuntimeException e) {
      e.printStackTrace();
      Runtime.getRuntime().halt(FAILED);
    }
  }

  private void run() throws IOException, InterruptedException {
    daemon("requests", this::receive);
    if (!(requests.take() instanceof Request.Prepare first)) {
      throw new IOException("The first request must be to prepare");
    }

    try (VideoPreprocessor preprocessor = VideoPreprocessor.open(first.options())) {
      channel.send(new Reply.Ready());
      daemon("progress", () -> reportProgress(preprocessor));
      while (requests.take() instanceof Request.Decode wanted) {
        decoding = true;
        Reply last = decode(preprocessor, wanted);
        synchronized (channel) {
          decoding = false; // no frame is reported after the last reply
          channel.send(last);
        }
      }
    }
  }

  private Reply decode(VideoPreprocessor preprocessor, Request.Decode wanted) {
    try {
      VideoReport report =
          preprocessor.process(
              wanted.video(),
              clip -> {
                try {
                  channel.send(new Reply.Made(clip));
                } catch (IOException e) {
                  throw new IllegalStateException("Cannot send a clip: " + e.getMessage(), e);
                }
              });
      return new Reply.Done(report);
    } catch (UncheckedIOException e) {
      e.printStackTrace();
      return new Reply.Prevented(e.getMessage());
    } catch (IOException e) {
      // It was there a moment ago: a mount may have blinked.
      return new Reply.Done(
          VideoReport.quarantined(BrokenVideoException.UNREADABLE + ": " + e.getMessage()));
    } catch (RuntimeException e) {
      e.printStackTrace();
      return new Reply.Failed(e.toString());
    }
  }

  private void receive() {
    try {
      while (true) {
        requests.put(channel.receive());
      }
    } catch (EOFException e) {
      end(folder);
    } catch (IOException | InterruptedException e) {
      e.printStackTrace();
      Runtime.getRuntime().halt(FAILED);
    }
  }

  private void reportProgress(VideoPreprocessor preprocessor) {
    int reported = 0;
    try {
      while (true) {
        TimeUnit.MILLISECONDS.sleep(TICK_MILLIS);
        int frame = preprocessor.frame();
        synchronized (channel) {
          if (decoding && frame != reported) {
            channel.send(new Reply.Frame(frame));
            reported = frame;
          }
        }
      }
    } catch (EOFException e) {
      end(folder);
    } catch (IOException | InterruptedException e) {
      Runtime.getRuntime().halt(FAILED);
    }
  }

  /**
   * Removes the folder and ends the process. Several threads may notice the end: the first one does
   * it all, since none may halt while another is still removing.
   */
  private static synchronized void end(Path folder) {
    try {
      Folders.delete(folder);
    } finally {
      Runtime.getRuntime().halt(0);
    }
  }

  /** Has the kernel take this process before the executor where memory runs out. */
  private static void preferAsVictim() throws IOException {
    Files.writeString(Path.of("/proc/self/oom_score_adj"), "1000");
  }

  private static void daemon(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }
}
