package dev.mien.spark.pretrain;

import dev.mien.spark.exchange.ReplicaFailedException;
import dev.mien.spark.pretrain.replica.TaskLimit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Explains a failed round in a sentence for the person who can mend it. */
final class FailedRound {

  /** The begin of a stack trace, the executor's or the driver's. */
  private static final Pattern STACK = Pattern.compile("\n\tat |\n+Driver stacktrace");

  /** How standalone, YARN and Kubernetes report an executor's exit code. */
  private static final String EXIT = "(?i)exit(ed with)?( exit)? ?(code|status):?( is)? %d\\b";

  /** The exit of an executor whose heap is full. */
  private static final Pattern HEAP = Pattern.compile(EXIT.formatted(52));

  /**
   * The exit by SIGKILL, from the kernel or the cluster, most often for memory outside the heap.
   */
  private static final Pattern KILLED = Pattern.compile(EXIT.formatted(137));

  /** The exit of an executor that ended itself, see {@link TaskLimit}. */
  private static final Pattern HUNG = Pattern.compile(EXIT.formatted(TaskLimit.HUNG));

  /**
   * What LibTorch says when a GPU's or a processor's memory is exhausted; many lines on the place
   * in the network come before it.
   */
  private static final Pattern NETWORK =
      Pattern.compile("(CUDA out of memory|can't allocate memory).*");

  private FailedRound() {}

  /** Whether the run diverged, so that the same round would fail again. */
  static boolean isDivergence(Throwable failure) {
    return failure instanceof ReplicaFailedException || failure instanceof DivergedException;
  }

  static String reason(Throwable failure) {
    if (isDivergence(failure)) {
      return failure.getMessage()
          + " (go on with a lower optimiser.learning-rate and --allow optimiser.learning-rate, or"
          + " with optimiser.gradient-clip and --allow optimiser.gradient-clip)";
    }

    if (failure instanceof OutOfMemoryError) {
      return "the driver ran out of memory (give it more by --driver-memory): "
          + failure.getMessage();
    }

    String said = STACK.split(String.valueOf(failure.getMessage()), 2)[0].strip();
    Matcher network = NETWORK.matcher(said);
    if (network.find()) {
      return "a replica's network ran out of memory (set training.micro-batch, or lower it where it"
          + " is set, for the same result in less memory, or lower training.batch-size): "
          + network.group();
    }
    if (HEAP.matcher(said).find() || said.contains("OutOfMemoryError")) {
      return "an executor ran out of memory (give it more by --executor-memory, or lower"
          + " training.batch-size or training.cache-size): "
          + said;
    }
    if (KILLED.matcher(said).find()) {
      return "an executor was killed, most often for its memory (give its machine"
          + " more, or containers more spark.executor.memoryOverhead, or lower training.batch-size"
          + " or, where that is to stay, training.micro-batch): "
          + said;
    }
    if (HUNG.matcher(said).find()) {
      return "a task did not end within training.task-limit and did not heed an interrupt (raise it,"
          + " or see the executor's stderr): "
          + said;
    }
    return said;
  }
}
