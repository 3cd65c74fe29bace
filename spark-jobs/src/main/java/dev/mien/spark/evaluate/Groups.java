package dev.mien.spark.evaluate;

import dev.mien.spark.config.ValidationUnit;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * The groups of held-out windows that are left out together to choose a penalty and drawn together
 * for an interval: what the run holds out as a whole, since windows of a person are alike; where
 * there is only one such group, tracks or clips.
 *
 * @param unit of the groups: people, tracks or clips
 * @param text how many groups there are, with their unit
 * @param names the group of each window
 */
record Groups(String unit, String text, List<String> names) {

  /**
   * The largest unit of which there are at least two groups.
   *
   * @param unit that the run holds out as a whole
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
