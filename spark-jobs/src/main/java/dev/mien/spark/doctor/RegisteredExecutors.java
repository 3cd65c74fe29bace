package dev.mien.spark.doctor;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.status.api.v1.ExecutorSummary;
import scala.collection.JavaConverters;

/** The executors that the cluster manager has provided so far. */
final class RegisteredExecutors {

  private static final String INSTANCES = "spark.executor.instances";
  private static final String WAITING_TIME = "spark.scheduler.maxRegisteredResourcesWaitingTime";
  private static final long LOOK_EVERY_MILLIS = 100;

  /** Spark's name for the driver among the executors. */
  private static final String DRIVER = "driver";

  private final SparkContext context;

  RegisteredExecutors(SparkContext context) {
    this.context = context;
  }

  /** An executor's name in a diagnosis. */
  static String name(String id, String host) {
    return "executor %s on %s".formatted(id, host);
  }

  /** The executors' names, in a new set. */
  Set<String> names() {
    return now().stream()
        .map(executor -> name(executor.id(), executor.hostPort().replaceFirst(":\\d+$", "")))
        .collect(Collectors.toCollection(HashSet::new));
  }

  /**
   * The largest number of tasks that an executor runs at a time; the configured one when there is
   * no executor yet.
   */
  int slots() {
    SparkConf conf = context.conf();
    return now().stream()
        .mapToInt(ExecutorSummary::maxTasks)
        .max()
        .orElse(conf.getInt("spark.executor.cores", 1) / conf.getInt("spark.task.cpus", 1));
  }

  /**
   * Waits for {@code spark.executor.instances} executors, as long as Spark would, so that one that
   * starts slowly is examined, too. If no number is configured, counts those there are.
   */
  Finding awaitThoseAskedFor() {
    int asked = context.conf().getInt(INSTANCES, 0);
    long seconds = waitingSeconds();
    long start = System.nanoTime();
    int given = now().size();
    while (given < asked && System.nanoTime() - start < seconds * 1_000_000_000L) {
      pause();
      given = now().size();
    }
    return given >= asked
        ? Finding.well("executors", given + " registered")
        : new Finding(
            "executors",
            "%d of %s=%d registered within %d s".formatted(given, INSTANCES, asked, seconds),
            "see what the cluster manager says of the others, or ask for fewer");
  }

  /**
   * Waits for a job as long as there are executors to run it; for the first one it waits as long as
   * Spark would. Executors may be requested only for the job's tasks, so the job must have begun.
   *
   * @return empty when no executor came; the job is then cancelled
   */
  <T> Optional<T> await(JavaFutureAction<T> job) {
    long lastSeen = System.nanoTime();
    while (true) {
      try {
        return Optional.of(job.get(LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS));
      } catch (TimeoutException e) {
        if (!now().isEmpty()) {
          lastSeen = System.nanoTime();
        } else if (System.nanoTime() - lastSeen > waitingSeconds() * 1_000_000_000L) {
          job.cancel(true);
          return Optional.empty();
        }
      } catch (ExecutionException e) {
        throw new IllegalStateException(
            "Cannot examine the executors: " + e.getCause().getMessage(), e.getCause());
      } catch (InterruptedException e) {
        throw interrupted(e);
      }
    }
  }

  /** The finding that no executor came. */
  Finding noneCame() {
    return new Finding(
        "executors",
        "none came within %d s (%s)".formatted(waitingSeconds(), WAITING_TIME),
        "see what the cluster manager says: no machine may have as many cores or as much memory as"
            + " spark.executor.cores, spark.executor.memory and its overhead ask for, or others have"
            + " them");
  }

  private long waitingSeconds() {
    return context.conf().getTimeAsSeconds(WAITING_TIME, "30s");
  }

  private static IllegalStateException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IllegalStateException("Interrupted while executors were awaited", e);
  }

  private static void pause() {
    try {
      Thread.sleep(LOOK_EVERY_MILLIS);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private List<ExecutorSummary> now() {
    return JavaConverters.seqAsJavaListConverter(context.statusStore().executorList(true))
        .asJava()
        .stream()
        .filter(executor -> !executor.id().equals(DRIVER))
        .toList();
  }
}
