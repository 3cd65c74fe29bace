package dev.mien.spark.preprocess;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Distributes videos over tasks of about the same length, longest first, each to the task with the
 * least so far. A video longer than a task should be has one of its own, and the longest tasks
 * begin first.
 */
final class TaskList {

  /** Tasks for each core: enough that the last ones to end leave no core idle for long. */
  private static final int TASKS_A_CORE = 8;

  /** The shortest task, in seconds of video: shorter ones spend their time on being started. */
  private static final double SHORTEST = 60;

  /**
   * The longest task of several videos, in seconds of video. Executors may come when the tasks are
   * cut already, as where they are allocated dynamically, and one that is lost loses what its tasks
   * had done. A quarter of an hour is one to fifteen minutes of a core's work.
   */
  private static final double LONGEST = 900;

  /** What a file takes beside its length, as seconds of video: opening, hashing, a row. */
  private static final double A_FILE = 1;

  private static final int MAXIMUM_TASKS = 10_000;

  private TaskList() {}

  /** The videos of each task, the longest task first. */
  static List<List<PlannedVideo>> balance(List<PlannedVideo> videos, Costs costs, int cores) {
    double total = videos.stream().mapToDouble(video -> weight(video, costs)).sum();
    double share =
        Math.min(
            LONGEST, Math.max(total / (cores * TASKS_A_CORE), Math.min(SHORTEST, total / cores)));
    int count =
        (int)
            Math.max(1, Math.min(Math.ceil(total / share), Math.min(videos.size(), MAXIMUM_TASKS)));

    PriorityQueue<Task> tasks =
        new PriorityQueue<>(
            Comparator.<Task>comparingDouble(task -> task.length)
                .thenComparing(task -> task.number));
    for (int number = 0; number < count; number++) {
      tasks.add(new Task(number));
    }
    videos.stream()
        .sorted(
            Comparator.<PlannedVideo>comparingDouble(video -> -weight(video, costs))
                .thenComparing(video -> video.source().uri()))
        .forEach(
            video -> {
              Task shortest = tasks.remove();
              shortest.videos.add(video);
              shortest.length += weight(video, costs);
              tasks.add(shortest);
            });

    return tasks.stream()
        .filter(task -> !task.videos.isEmpty())
        .sorted(
            Comparator.<Task>comparingDouble(task -> -task.length)
                .thenComparing(task -> task.number))
        .map(task -> task.videos)
        .toList();
  }

  private static double weight(PlannedVideo video, Costs costs) {
    return video.seconds(costs) + A_FILE;
  }

  private static final class Task {

    private final int number;
    private final List<PlannedVideo> videos = new ArrayList<>();
    private double length;

    private Task(int number) {
      this.number = number;
    }
  }
}
