package dev.mien.spark.progress;

import java.io.PrintStream;
import java.time.Duration;
import java.util.function.LongSupplier;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Shows a job's progress, as a bar on a terminal or as lines in a log. Close it. */
public abstract sealed class Progress implements AutoCloseable {

  private static final int PLAIN_LINES = 20;

  /** Prints at least this often, so that the log of a long job shows that it goes on. */
  private static final Duration LONGEST_SILENCE = Duration.ofMinutes(10);

  /**
   * Begins to show a job's progress.
   *
   * @param task name of the job
   * @param done how many were done before
   * @param total how many there are
   * @param unit what is counted
   */
  @SuppressWarnings(
      "SystemConsoleNull") // Mien runs on Java 17, where a null console means that there is no
  // terminal
  public static Progress start(String task, String unit, long done, long total) {
    return System.console() == null
        ? new Lines(task, unit, total, System.out, System::nanoTime)
        : new Bar(bar(task, unit, done, total));
  }

  /** A bar whose estimate of the remaining time counts only what is done from here on. */
  static ProgressBar bar(String task, String unit, long done, long total) {
    return new ProgressBarBuilder()
        .setTaskName(task)
        .setUnit(" " + unit, 1)
        .startsFrom(done, Duration.ZERO)
        .setInitialMax(total)
        .setStyle(ProgressBarStyle.UNICODE_BLOCK)
        .setUpdateIntervalMillis(250)
        .build();
  }

  /**
   * Shows how far the job has come.
   *
   * @param done how many of the total are done
   * @param message what else to show, perhaps empty
   */
  public abstract void reach(long done, String message);

  /** Shows a message without a change in progress. */
  public abstract void remark(String message);

  @Override
  public abstract void close();

  private static final class Bar extends Progress {

    private final ProgressBar bar;

    private Bar(ProgressBar bar) {
      this.bar = bar;
    }

    @Override
    public void reach(long done, String message) {
      bar.stepTo(done);
      bar.setExtraMessage(message);
    }

    @Override
    public void remark(String message) {
      bar.setExtraMessage(message);
    }

    @Override
    public void close() {
      bar.close();
    }
  }

  static final class Lines extends Progress {

    private final String task;
    private final String unit;
    private final long total;
    private final PrintStream out;
    private final LongSupplier nanos;
    private long printed = -1;
    private long printedAt;

    Lines(String task, String unit, long total, PrintStream out, LongSupplier nanos) {
      this.task = task;
      this.unit = unit;
      this.total = total;
      this.out = out;
      this.nanos = nanos;
    }

    @Override
    public void reach(long done, String message) {
      long part = total == 0 ? PLAIN_LINES : done * PLAIN_LINES / total;
      long now = nanos.getAsLong();
      if (part != printed || now - printedAt >= LONGEST_SILENCE.toNanos()) {
        printed = part;
        printedAt = now;
        String more = message.isEmpty() ? "" : ", " + message;
        out.println(task + ": " + done + " of " + total + " " + unit + more);
      }
    }

    @Override
    public void remark(String message) {
      out.println(task + ": " + message);
    }

    @Override
    public void close() {}
  }
}
