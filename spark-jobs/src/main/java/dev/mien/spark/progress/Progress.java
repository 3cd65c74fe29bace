package dev.mien.spark.progress;

import java.io.PrintStream;
import java.time.Duration;
import java.util.function.LongSupplier;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A bar on a terminal, plain lines in a log. Close it. */
public abstract sealed class Progress implements AutoCloseable {

  private static final int PLAIN_LINES = 20;

  /** Whoever reads the log of a task of weeks wants to see that it goes on. */
  private static final Duration LONGEST_SILENCE = Duration.ofMinutes(10);

  /**
   * Begins to show a task.
   *
   * @param task what is counted, as a person would call it
   * @param done how many of them were done before, in whatever time
   * @param total how many there are
   */
  @SuppressWarnings("SystemConsoleNull") // Mien runs on Java 17, where null means no terminal
  public static Progress start(String task, String unit, long done, long total) {
    return System.console() == null
        ? new Lines(task, unit, total, System.out, System::nanoTime)
        : new Bar(bar(task, unit, done, total));
  }

  /** A bar that reckons the time that remains by what is done from here on. */
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
   * Shows how far the task has come.
   *
   * @param done how many of the total are done
   * @param message what else is worth knowing now, perhaps nothing
   */
  public abstract void reach(long done, String message);

  /** Shows what is worth knowing now, however far the task has come. */
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
