package dev.mien.spark.preprocess;

import dev.mien.spark.progress.Progress;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.apache.spark.util.LongAccumulator;

/**
 * Shows each video as done when its task is, and names the videos of tasks that run for long. Close
 * it.
 */
final class TaskWatch extends SparkListener implements AutoCloseable {

  /** Seconds after which a task is long; one of twenty short videos takes some ten. */
  private static final long LONG = 60;

  private record Running(List<VideoSource> videos, long since) {}

  private final Progress progress;
  private final LongAccumulator done;
  private final Map<Long, Running> running = new HashMap<>();
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread thread = new Thread(work, "mien-task-watch");
            thread.setDaemon(true);
            return thread;
          });
  private final ScheduledFuture<?> look;
  private List<List<VideoSource>> tasks = List.of();

  TaskWatch(Progress progress, LongAccumulator done) {
    this.progress = progress;
    this.done = done;
    this.look = clock.scheduleAtFixedRate(this::nameTheSlowest, LONG, LONG, TimeUnit.SECONDS);
  }

  /** What the tasks of the next job work on; none when it is another kind of job. */
  synchronized void expect(List<List<VideoSource>> videosOfTasks) {
    tasks = videosOfTasks;
    running.clear();
  }

  @Override
  public synchronized void onTaskStart(SparkListenerTaskStart start) {
    int task = start.taskInfo().index();
    if (task < tasks.size()) {
      running.put(
          start.taskInfo().taskId(), new Running(tasks.get(task), start.taskInfo().launchTime()));
    }
  }

  @Override
  public synchronized void onTaskEnd(SparkListenerTaskEnd end) {
    running.remove(end.taskInfo().taskId());
    progress.reach(done.value(), slowest().orElse(""));
  }

  @Override
  public void close() {
    look.cancel(false);
    clock.shutdownNow();
  }

  private synchronized void nameTheSlowest() {
    slowest().ifPresent(progress::remark);
  }

  private Optional<String> slowest() {
    long now = System.currentTimeMillis();
    return running.values().stream()
        .filter(task -> now - task.since() >= LONG * 1000)
        .min(Comparator.comparingLong(Running::since))
        .map(task -> description(task, (now - task.since()) / 1000));
  }

  /** The first video of a task is its longest. */
  private static String description(Running task, long seconds) {
    String others = task.videos().size() == 1 ? "" : " and " + (task.videos().size() - 1) + " more";
    return "%s%s running for %d s".formatted(task.videos().get(0).uri(), others, seconds);
  }
}
