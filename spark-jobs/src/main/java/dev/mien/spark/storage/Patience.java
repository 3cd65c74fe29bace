package dev.mien.spark.storage;

import java.io.IOException;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Tries again, after growing pauses, what a file system refuses for a while: a mount that is away,
 * a name node that fails over, a quota that somebody raises.
 */
public final class Patience {

  /** Gives up at the first refusal. */
  public static final Patience NONE = new Patience(Duration.ZERO, () -> true);

  private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

  /** Interval at which a pause checks whether it is to end. */
  private static final long LOOK_MILLIS = 50;

  private final Duration limit;
  private final BooleanSupplier isInHaste;

  /**
   * @param limit how long to go on after the first refusal
   * @param isInHaste whether to give up at once from now on
   */
  public Patience(Duration limit, BooleanSupplier isInHaste) {
    this.limit = limit;
    this.isInHaste = isInHaste;
  }

  /**
   * Repeats the work until it succeeds.
   *
   * @throws DamagedException at once
   * @throws IOException the last one, when the time is up
   */
  public <T> T with(Reading<T> work) throws IOException {
    Duration pause = FIRST_PAUSE;
    OptionalLong refused = OptionalLong.empty();
    while (true) {
      try {
        return work.run();
      } catch (DamagedException e) {
        throw e;
      } catch (IOException e) {
        // The limit counts from the end of the first try, which may itself take long.
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

  /** Repeats work without a result until it succeeds, as {@link #with} does. */
  public void write(Writing writing) throws IOException {
    with(
        () -> {
          writing.run();
          return null;
        });
  }

  /** Pauses; says whether there is time for another try. */
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
