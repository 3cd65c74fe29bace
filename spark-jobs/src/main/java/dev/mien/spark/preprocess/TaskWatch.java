package dev.mien.spark.preprocess;

import dev.mien.spark.progress.Progress;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.apache.spark.scheduler.AccumulableInfo;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.apache.spark.util.LongAccumulator;
import scala.Tuple4;
import scala.collection.JavaConverters;
import scala.collection.Seq;

/**
 * Shows each video as done when its task is, and names the video that a slow task is at. Close it.
 */
final class TaskWatch extends SparkListener implements AutoCloseable {

  /**
   * No task is slow before so many seconds: its process may have to start, and estimates are rough.
   */
  private static final long LONG = 60;

  /** A task is slow when it has run for so many times as long as was expected. */
  private static final double SLOW = 4;

  private record Expected(List<PlannedVideo> videos, double seconds) {}

  /**
   * A task that has not ended.
   *
   * @param since milliseconds since 1970
   * @param done how many of the task's videos were done when its executor last said so
   */
  private record Running(Expected task, long since, long done) {

    private double seconds(long now) {
      return (now - since) / 1000.0;
    }

    private boolean isSlow(long now) {
      return seconds(now) >= Math.max(LONG, SLOW * task.seconds());
    }

    private String description(long now) {
      int at = (int) Math.min(done, task.videos().size() - 1);
      return String.format(
          Locale.ROOT,
          "%s (video %d of %d of a task that has run for %.0f s; about %.0f s were expected)",
          task.videos().get(at).source().uri(),
          at + 1,
          task.videos().size(),
          seconds(now),
          task.seconds());
    }
  }

  private final Progress progress;
  private final LongAccumulator done;
  private final LongSupplier clock;
  private final Map<Long, Running> running = new HashMap<>();
  private final ScheduledExecutorService looks =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread thread = new Thread(work, "mien-task-watch");
            thread.setDaemon(true);
            return thread;
          });
  private final ScheduledFuture<?> look;
  private List<Expected> tasks = List.of();

  TaskWatch(Progress progress, LongAccumulator done) {
    this(progress, done, System::currentTimeMillis);
  }

  /**
   * Watches by the caller's clock.
   *
   * @param clock milliseconds since 1970
   */
  TaskWatch(Progress progress, LongAccumulator done, LongSupplier clock) {
    this.progress = progress;
    this.done = done;
    this.clock = clock;
    this.look =
        looks.scheduleAtFixedRate(
            () -> slowest().ifPresent(progress::remark), LONG, LONG, TimeUnit.SECONDS);
  }

  /**
   * Tells which videos the tasks of the next job work on.
   *
   * @param videosOfTasks in the order of the tasks; empty when the job decodes nothing
   */
  synchronized void expect(List<List<PlannedVideo>> videosOfTasks, Costs costs) {
    tasks =
        videosOfTasks.stream()
            .map(videos -> new Expected(videos, costs.work() * seconds(videos, costs)))
            .toList();
    running.clear();
  }

  @Override
  public synchronized void onTaskStart(SparkListenerTaskStart start) {
    int task = start.taskInfo().index();
    if (task < tasks.size()) {
      running.put(
          start.taskInfo().taskId(),
          new Running(tasks.get(task), start.taskInfo().launchTime(), 0));
    }
  }

  /** Notes from an executor's heartbeat how many videos each task has done. */
  @Override
  public synchronized void onExecutorMetricsUpdate(SparkListenerExecutorMetricsUpdate update) {
    for (Tuple4<?, ?, ?, ? extends Seq<AccumulableInfo>> task : list(update.accumUpdates())) {
      for (AccumulableInfo sum : list(task._4())) {
        if (sum.id() == done.id() && sum.update().isDefined()) {
          long videos = ((Number) sum.update().get()).longValue();
          running.computeIfPresent(
              (Long) task._1(), (id, was) -> new Running(was.task(), was.since(), videos));
        }
      }
    }
  }

  @Override
  public synchronized void onTaskEnd(SparkListenerTaskEnd end) {
    running.remove(end.taskInfo().taskId());
    progress.reach(done.value(), slowest().orElse(""));
  }

  /** Describes the slow task that has run the longest, if any is slow. */
  synchronized Optional<String> slowest() {
    long now = clock.getAsLong();
    return running.values().stream()
        .filter(task -> task.isSlow(now))
        .min(Comparator.comparingLong(Running::since))
        .map(task -> task.description(now));
  }

  @Override
  public void close() {
    look.cancel(false);
    looks.shutdownNow();
  }

  private static double seconds(List<PlannedVideo> videos, Costs costs) {
    return videos.stream().mapToDouble(video -> video.seconds(costs)).sum();
  }

  private static <T> List<T> list(Seq<T> sequence) {
    return JavaConverters.seqAsJavaListConverter(sequence).asJava();
  }
}
