package dev.mien.spark.isolate;

import dev.mien.preprocessing.clip.Clip;
import dev.mien.preprocessing.clip.PreprocessingOptions;
import dev.mien.preprocessing.clip.VideoReport;
import dev.mien.preprocessing.clip.VideoRequest;
import dev.mien.spark.config.IsolationOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A JVM that preprocesses videos for this one, watched while it does. What kills it, or what it
 * must be killed for, is a {@link DecodingDeathException} and no more. Not thread-safe; close it.
 */
final class DecodingProcess implements AutoCloseable {

  private static final Duration START_LIMIT = Duration.ofMinutes(2);
  private static final long CLOSE_SECONDS = 5;

  private static final String WHAT_KILLS =
      "by somebody, or by the kernel for want of memory"
          + " (give the machine more, or containers more spark.executor.memoryOverhead)";

  private final Process process;
  private final IsolationOptions options;
  private final MessageChannel<Reply, Request> channel;
  private final LastWords lastWords;
  private final Watch watch;
  private int videos;

  private DecodingProcess(Process process, IsolationOptions options) {
    this.process = process;
    this.options = options;
    this.channel =
        new MessageChannel<>(
            process.getInputStream(),
            RecordFormat.of(Reply.class),
            process.getOutputStream(),
            RecordFormat.of(Request.class));
    this.lastWords = LastWords.of(process);
    this.watch = Watch.over(process);
  }

  /**
   * Starts the process and waits until its models are open.
   *
   * @param folder the process's own
   * @throws IOException when it cannot be started, with what it said
   */
  static DecodingProcess start(
      PreprocessingOptions preprocessing, IsolationOptions options, Path folder)
      throws IOException {
    DecodingProcess started =
        new DecodingProcess(DecodingCommand.of(options, folder).start(), options);
    try {
      started.watch.begin(new IsolationOptions(START_LIMIT, START_LIMIT, options.memoryLimit()));
      started.channel.send(new Request.Prepare(preprocessing));
      started.channel.receive();
      started.watch.end();
      return started;
    } catch (IOException e) {
      started.process.destroyForcibly();
      throw new IOException(
          "Cannot start a decoding process: %s%n%s"
              .formatted(started.death().reason(), started.lastWords.text()),
          e);
    }
  }

  /** Whether no video was given to the process yet, so that none can have harmed it. */
  boolean isFresh() {
    return videos == 0;
  }

  /**
   * Preprocesses a video as {@link dev.mien.preprocessing.clip.VideoPreprocessor} does.
   *
   * @param clips called by this thread
   * @throws DecodingDeathException when the process died of it; clips handed over must be dropped
   * @throws IOException when this machine prevented it
   */
  VideoReport decode(VideoRequest video, Consumer<Clip> clips)
      throws DecodingDeathException, IOException {
    Reply last = lastReply(video, clips);
    if (last instanceof Reply.Prevented prevented) {
      throw new IOException(prevented.message());
    }
    if (last instanceof Reply.Failed failed) {
      throw new DecodingDeathException(
          new Death(DeathKind.FAILED, failed.message()), "", watch.spentNanos());
    }
    videos++;
    return ((Reply.Done) last).report();
  }

  private Reply lastReply(VideoRequest video, Consumer<Clip> clips) throws DecodingDeathException {
    watch.begin(options);
    try {
      channel.send(new Request.Decode(video));
      while (true) {
        Reply reply = channel.receive();
        watch.pause();
        if (reply instanceof Reply.Frame reached) {
          watch.reach(reached.frame());
        } else if (reply instanceof Reply.Made made) {
          clips.accept(made.clip());
        } else {
          return reply;
        }
        watch.proceed();
      }
    } catch (IOException e) {
      // End of the replies, or the beginning of a crash's account among them.
      watch.pause();
      throw new DecodingDeathException(death(), lastWords.text(), watch.spentNanos());
    } finally {
      watch.end();
    }
  }

  private Death death() {
    int status = awaitExit();
    return watch.verdict().orElseGet(() -> death(status));
  }

  /** Tells by the exit status how a process died that was not killed by the watch. */
  private Death death(int status) {
    return switch (status) {
      case DecodingMain.OUT_OF_MEMORY -> Watch.outOfMemory(options);
      case ExitStatus.KILLED, ExitStatus.TERMINATED -> new Death(DeathKind.KILLED, WHAT_KILLS);
      default -> new Death(DeathKind.CRASHED, lastWords.signal().orElse(ExitStatus.name(status)));
    };
  }

  /**
   * Waits until the process has ended, which may take it a moment; kills it when that takes long or
   * this thread is interrupted.
   */
  private int awaitExit() {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          if (interrupted || !process.waitFor(CLOSE_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
          }
          return process.waitFor();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Kills the process in the middle of its work. */
  void kill() {
    process.destroyForcibly();
    awaitExit();
  }

  /** Lets the process end, which removes its folder. */
  @Override
  public void close() throws IOException {
    process.getOutputStream().close();
    awaitExit();
  }
}
