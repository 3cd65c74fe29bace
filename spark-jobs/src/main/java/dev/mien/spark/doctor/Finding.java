package dev.mien.spark.doctor;

import java.util.concurrent.Callable;

/**
 * The result of one check.
 *
 * @param subject what was checked, in a word or two
 * @param found what was found
 * @param remedy what to do; empty when nothing is wrong
 */
public record Finding(String subject, String found, String remedy) {

  /** The result of a check that found nothing wrong. */
  static Finding well(String subject, String found) {
    return new Finding(subject, found, "");
  }

  /** Runs a check, which returns what it found and fails by an exception. */
  static Finding of(String subject, String remedy, Callable<String> check) {
    try {
      return well(subject, check.call());
    } catch (Exception | LinkageError e) {
      return new Finding(subject, String.valueOf(e.getMessage()), remedy);
    }
  }

  /** Whether nothing is wrong. */
  public boolean isWell() {
    return remedy.isEmpty();
  }

  /** The finding as a line, or as two with the remedy. */
  public String text() {
    String line = "  %-7s%-18s%s%n".formatted(isWell() ? "ok" : "failed", subject, found);
    return isWell() ? line : line + "  %-7s%-18s-> %s%n".formatted("", "", remedy);
  }
}
