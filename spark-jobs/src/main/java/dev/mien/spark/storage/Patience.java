package dev.mien.spark.storage;

import java.io.IOException;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Does again, after pauses that grow, what a file system refuses for a while: a mount that is away,
 * a name node that changes, a quota that somebody raises.
 */
public final class Patience {

  private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

  /** How soon it is seen that there is no time left. */
  private static final long LOOK_MILLIS = 50;

  private final Duration limit;
  private final BooleanSupplier isInHaste;

  /**
   * @param limit how long to go on after the first refusal; zero = that one counts
   * @param isInHaste whether to give up at once from now on
   */
  public Patience(Duration limit, BooleanSupplier isInHaste) {
    this.limit = limit;
    this.isInHaste = isInHaste;
  }

  /**
   * Does until it succeeds what may be done again.
   *
   * @throws IOException the last one, when time is up
   */
  public <T> T with(Reading<T> work) throws IOException {
    Duration pause = FIRST_PAUSE;
    OptionalLong refused = OptionalLong.empty();
    while (true) {
      try {
        return work.run();
      } catch (IOException e) {
        // Of what itself takes long, the refusal begins at its end.
        refused = OptionalLong.of(refused.orElse(System.nanoTime()));
        long waited = System.nanoTime() - refused.getAsLong();
        if (waited + pause.toNanos() > limit.toNanos() || !wait(pause)) {
          throw e;
        }
        System.out.println(
            "Trying again: " + String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
      }
      Duration twice = pause.multipliedBy(2);
      pause = twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE;
    }
  }

  /** The same without a result. */
  public void write(Writing writing) throws IOException {
    with(
        () -> {
          writing.run();
          return null;
        });
  }

  /** Whether there is time to go on after the pause. */
  private boolean wait(Duration pause) {
    long end = System.nanoTime() + pause.toNanos();
    try {
      while (System.nanoTime() < end && !isInHaste.getAsBoolean()) {
        TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
      }
      return !isInHaste.getAsBoolean();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
