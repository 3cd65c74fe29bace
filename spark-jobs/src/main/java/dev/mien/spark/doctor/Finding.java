package dev.mien.spark.doctor;

import java.util.concurrent.Callable;

/**
 * What became of one check.
 *
 * @param subject what was looked at, in a word or two
 * @param found what was found there
 * @param remedy what to do; empty when nothing is amiss
 */
public record Finding(String subject, String found, String remedy) {

  /** A check that found what it should. */
  static Finding well(String subject, String found) {
    return new Finding(subject, found, "");
  }

  /** A check that tells what it found, and fails with what stopped it. */
  static Finding of(String subject, String remedy, Callable<String> check) {
    try {
      return well(subject, check.call());
    } catch (Exception | LinkageError e) {
      return new Finding(subject, String.valueOf(e.getMessage()), remedy);
    }
  }

  /** Whether nothing needs to be done. */
  public boolean isWell() {
    return remedy.isEmpty();
  }

  /** The finding as a line, or as two with the remedy. */
  public String text() {
    String line = "  %-7s%-18s%s%n".formatted(isWell() ? "ok" : "failed", subject, found);
    return isWell() ? line : line + "  %-7s%-18s-> %s%n".formatted("", "", remedy);
  }
}
