package dev.mien.preprocessing.video;

/**
 * Turns a container's times into growing ones. A time that is missing, does not grow, or jumps by
 * more than an hour is replaced by the previous one plus a frame period; so is every time of a
 * video whose rate is not plausible. A clock that starts before 0 or after more than an hour, as a
 * broadcast's does, is shifted to 0. A clock of too few bits is continued where it wraps around.
 */
final class FrameClock {
  static final long MISSING = Long.MIN_VALUE;

  // Slow motion is filmed at 240 frames/s; beyond twice that, a rate is a unit of time.
  private static final double HIGHEST_FRAMES_PER_SECOND = 480;
  private static final double LOWEST_FRAMES_PER_SECOND = 1;
  private static final double FALLBACK_FRAMES_PER_SECOND = 25;
  private static final long LONGEST_STEP_MICROS = 3_600_000_000L;

  // Frames that are left out because nothing moves are seldom a second apart.
  private static final long SHORTEST_HOLE_MICROS = 1_000_000;
  private static final int STEPS_IN_HOLE = 10;

  private final double framesPerSecond;
  private final boolean isTrusted;
  private final double roundMicros;
  private long origin = MISSING;
  private long micros = MISSING;
  private long step;
  private long ahead;
  private boolean followsHole;

  /**
   * @param mean frames/s over the video, as the container says or as was measured
   * @param base frames/s in which all times of the stream can be expressed; less reliable than the
   *     mean
   * @param roundSeconds after which the container's clock wraps around to 0; infinite when it never
   *     does
   */
  FrameClock(double mean, double base, double roundSeconds) {
    this.roundMicros = 1e6 * roundSeconds;
    this.isTrusted = isPlausible(mean) || isPlausible(base);
    if (isPlausible(mean)) {
      framesPerSecond = mean;
    } else {
      framesPerSecond = isPlausible(base) ? base : FALLBACK_FRAMES_PER_SECOND;
    }
  }

  /** Whether a rate is one at which faces are filmed. */
  static boolean isPlausible(double rate) {
    return rate >= LOWEST_FRAMES_PER_SECOND && rate <= HIGHEST_FRAMES_PER_SECOND;
  }

  /** Whether the stated rate is plausible. */
  boolean isTrusted() {
    return isTrusted;
  }

  /** The plausible rate, or 25. */
  double framesPerSecond() {
    return framesPerSecond;
  }

  /**
   * The time of the next frame.
   *
   * @param stated the container's time in microseconds, or {@link #MISSING}
   */
  long next(long stated) {
    long usual = micros == MISSING ? 0 : micros + Math.round(1e6 / framesPerSecond);
    followsHole = false;
    if (stated == MISSING) {
      micros = usual;
      return micros;
    }
    if (origin == MISSING) {
      boolean isFar = stated < 0 || stated > LONGEST_STEP_MICROS;
      origin = isFar ? stated - usual : 0;
    }
    long time = nearest(stated - origin);
    boolean isNext = isTrusted && time > micros && time - micros <= LONGEST_STEP_MICROS;
    if (isTrusted && micros != MISSING) {
      followsHole = time - micros > Math.max(SHORTEST_HOLE_MICROS, STEPS_IN_HOLE * step);
      step = Math.max(0, time - micros);
    }
    micros = micros == MISSING || isNext ? time : usual;
    ahead = Math.max(0, time - micros);
    return micros;
  }

  /**
   * Whether nothing was shown before the frame for more than a second, and for ten times as long as
   * before the previous one: a video may be slow throughout.
   */
  boolean followsHole() {
    return followsHole;
  }

  /** How far the container's time is ahead because of jumps that were replaced. */
  double secondsAhead() {
    return ahead / 1e6;
  }

  /** The time, moved by whole rounds of the clock, that is nearest to the previous one. */
  private long nearest(long time) {
    double rounds = micros == MISSING ? 0 : Math.rint((time - micros) / roundMicros);
    return rounds == 0 ? time : time - Math.round(rounds * roundMicros);
  }
}
