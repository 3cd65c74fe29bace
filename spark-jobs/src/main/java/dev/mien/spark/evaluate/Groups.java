package dev.mien.spark.evaluate;

import dev.mien.spark.config.ValidationUnit;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * What of windows is left out together to choose a penalty, and drawn together for an interval:
 * what the run holds out together, since windows of a person are alike; where that is one, tracks,
 * or clips.
 *
 * @param unit what a group is: people, tracks or clips
 * @param text how many of what there are, of windows that are held out
 * @param names of the windows' groups
 */
record Groups(String unit, String text, List<String> names) {

  /**
   * The widest groups of which there are two.
   *
   * @param unit what the run holds out together
   */
  static Groups of(List<ProbedWindow> windows, ValidationUnit unit) {
    Groups whole = of(windows, ProbedWindow::group, unit.label(), "%d held-out " + unit.label());
    if (whole.count() > 1) {
      return whole;
    }
    Groups tracks =
        of(
            windows,
            ProbedWindow::trackId,
            ValidationUnit.TRACKS.label(),
            "%d tracks of one held-out person");
    return tracks.count() > 1
        ? tracks
        : of(windows, ProbedWindow::clipId, "clips", "%d clips of one held-out track");
  }

  private static Groups of(
      List<ProbedWindow> windows, Function<ProbedWindow, String> name, String unit, String text) {
    List<String> names = windows.stream().map(name).toList();
    long count = names.stream().distinct().count();
    return new Groups(unit, String.format(Locale.ROOT, text, count), names);
  }

  long count() {
    return names.stream().distinct().count();
  }
}
