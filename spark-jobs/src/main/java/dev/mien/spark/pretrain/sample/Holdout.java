package dev.mien.spark.pretrain.sample;

import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.config.TrainingOptions;
import dev.mien.spark.config.ValidationUnit;
import dev.mien.spark.dataset.clip.ClipEntry;
import dev.mien.spark.dataset.clip.ClipWindow;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The clips of a run in two parts, for training and for validation. All clips of a person, or of a
 * track, are in the same part.
 *
 * @param unit the person or the track
 * @param tooShort how many clips have fewer frames than a window spans, and are in neither part
 * @param ofTestSplit how many other clips are of the {@code test} split, and are in neither part
 */
public record Holdout(
    List<ClipEntry> training,
    List<ClipEntry> validation,
    ValidationUnit unit,
    int tooShort,
    int ofTestSplit) {

  private static final String TEST_SPLIT = "test";

  /**
   * Splits clips by a run's settings. The part is drawn by a hash of each name, so that names keep
   * their parts when the dataset grows. At least one name is trained on, and at least one is held
   * out when the fraction is above 0 and there are two. Where there is only one person, tracks are
   * held out.
   */
  public static Holdout of(List<ClipEntry> clips, MienConfiguration run) {
    TrainingOptions training = run.training();
    return draw(
        clips,
        ClipWindow.span(run.model().frames(), training.stride()),
        training.validation().unit(),
        training.validation().fraction(),
        training.seed());
  }

  static Holdout draw(
      List<ClipEntry> clips, int span, ValidationUnit wanted, double fraction, long seed) {
    List<ClipEntry> longEnough = clips.stream().filter(clip -> clip.frames() >= span).toList();
    List<ClipEntry> usable =
        longEnough.stream().filter(clip -> !TEST_SPLIT.equals(clip.split())).toList();
    boolean isOfPeople =
        wanted == ValidationUnit.PEOPLE && names(usable, ValidationUnit.PEOPLE).size() > 1;
    ValidationUnit unit = isOfPeople ? ValidationUnit.PEOPLE : ValidationUnit.TRACKS;
    Set<String> held = held(names(usable, unit), fraction, seed);
    return new Holdout(
        usable.stream().filter(clip -> !held.contains(nameOf(unit, clip))).toList(),
        usable.stream().filter(clip -> held.contains(nameOf(unit, clip))).toList(),
        unit,
        clips.size() - longEnough.size(),
        longEnough.size() - usable.size());
  }

  /** The name of the person or track whose clips stay together with a clip. */
  public String nameOf(ClipEntry clip) {
    return nameOf(unit, clip);
  }

  /** The same parts with the wanted clips alone. */
  public Holdout only(Predicate<ClipEntry> wanted) {
    return new Holdout(
        training.stream().filter(wanted).toList(),
        validation.stream().filter(wanted).toList(),
        unit,
        tooShort,
        ofTestSplit);
  }

  private static Set<String> held(Set<String> names, double fraction, long seed) {
    Set<String> held = new HashSet<>();
    for (String name : names) {
      if (position(name, seed) < fraction) {
        held.add(name);
      }
    }

    Comparator<String> byPosition = Comparator.comparingDouble(name -> position(name, seed));
    if (held.isEmpty() && names.size() > 1 && fraction > 0) {
      held.add(names.stream().min(byPosition).orElseThrow());
    } else if (!held.isEmpty() && held.size() == names.size()) {
      held.remove(names.stream().max(byPosition).orElseThrow());
    }
    return held;
  }

  private static Set<String> names(List<ClipEntry> clips, ValidationUnit unit) {
    Set<String> names = new HashSet<>();
    clips.forEach(clip -> names.add(nameOf(unit, clip)));
    return names;
  }

  private static String nameOf(ValidationUnit unit, ClipEntry clip) {
    return switch (unit) {
      // A video of an unknown person counts as a person of its own.
      case PEOPLE -> clip.personId() == null ? "video " + clip.videoId() : clip.personId();
      case TRACKS -> clip.trackId();
    };
  }

  /** A name's place in [0,1). */
  private static double position(String name, long seed) {
    return (Seeds.derive(seed, "holdout", name) >>> 11) * 0x1.0p-53;
  }
}
