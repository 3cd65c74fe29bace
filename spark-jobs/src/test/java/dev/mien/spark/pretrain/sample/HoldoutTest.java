package dev.mien.spark.pretrain.sample;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.config.ValidationUnit;
import dev.mien.spark.dataset.clip.ClipEntry;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.testng.annotations.Test;

public class HoldoutTest {

  private static final long SEED = 3;

  @Test
  public void nobodyIsInBothParts() {
    Holdout holdout = draw(clips(200, 4), ValidationUnit.PEOPLE, 0.2, SEED);

    Set<String> both = people(holdout.training());
    both.retainAll(people(holdout.validation()));

    assertThat(both).isEmpty();
    assertThat(holdout.unit()).isEqualTo(ValidationUnit.PEOPLE);
    assertThat(people(holdout.validation()).size()).as("seed %d", SEED).isBetween(25, 55);
  }

  @Test
  public void morePeopleMoveNobody() {
    Set<String> before = people(draw(clips(200, 1), ValidationUnit.PEOPLE, 0.2, SEED).validation());
    Set<String> after = people(draw(clips(400, 1), ValidationUnit.PEOPLE, 0.2, SEED).validation());

    assertThat(after).containsAll(before);
  }

  @Test
  public void tracksAreHeldOutOfOnePerson() {
    List<ClipEntry> onePerson =
        IntStream.range(0, 12).mapToObj(i -> clip("me", "track" + i / 4, "v", i, "dev")).toList();

    Holdout holdout = draw(onePerson, ValidationUnit.PEOPLE, 0.1, SEED);

    assertThat(holdout.unit()).isEqualTo(ValidationUnit.TRACKS);
    assertThat(holdout.validation())
        .extracting(ClipEntry::trackId)
        .containsOnly(holdout.validation().get(0).trackId());
    assertThat(holdout.training()).hasSize(8);
  }

  @Test
  public void tracksAreHeldOutOfManyPeopleWhenAskedFor() {
    List<ClipEntry> clips =
        IntStream.range(0, 100)
            .mapToObj(i -> clip("id" + i / 50, "track" + i / 5, "v", i, "dev"))
            .toList();

    Holdout holdout = draw(clips, ValidationUnit.TRACKS, 0.3, SEED);

    assertThat(holdout.unit()).isEqualTo(ValidationUnit.TRACKS);
    assertThat(people(holdout.training())).as("seed %d", SEED).hasSize(2);
    assertThat(people(holdout.validation())).as("seed %d", SEED).hasSize(2);
    assertThat(holdout.training())
        .extracting(ClipEntry::trackId)
        .doesNotContainAnyElementsOf(
            holdout.validation().stream().map(ClipEntry::trackId).toList());
  }

  @Test
  public void theTestSplitIsInNeitherPart() {
    List<ClipEntry> clips =
        List.of(
            clip("a", "t0", "v0", 0, "dev"),
            clip("b", "t1", "v1", 1, "dev"),
            clip("c", "t2", "v2", 2, "test"));

    Holdout holdout = draw(clips, ValidationUnit.PEOPLE, 0.5, SEED);

    assertThat(holdout.training().size() + holdout.validation().size()).isEqualTo(2);
    assertThat(people(holdout.training())).doesNotContain("c");
    assertThat(people(holdout.validation())).doesNotContain("c");
  }

  @Test
  public void theOnlyTrackIsTrainedOn() {
    List<ClipEntry> oneTrack = List.of(clip("me", "track0", "v", 0, "dev"));

    Holdout holdout = draw(oneTrack, ValidationUnit.PEOPLE, Math.nextDown(1), SEED);

    assertThat(holdout.training()).hasSize(1);
    assertThat(holdout.validation()).isEmpty();
  }

  @Test
  public void withoutAFractionAllIsTrainedOn() {
    Holdout holdout = draw(clips(10, 2), ValidationUnit.PEOPLE, 0, SEED);

    assertThat(holdout.validation()).isEmpty();
    assertThat(holdout.training()).hasSize(20);
  }

  /** Whoever draws before would hold out a person of whom no clip is long enough. */
  @Test
  public void clipsTooShortForAWindowAreLeftOutBeforeTheDraw() {
    MienConfiguration run =
        MienConfiguration.load(Optional.of("tiny"), Optional.empty(), List.of());
    List<ClipEntry> clips =
        List.of(
            clip("long", "t0", "v0", 0, "dev"),
            clip("long", "t1", "v0", 1, "dev"),
            new ClipEntry("short", "t2", "v1", "short", "dev", 5, null));

    Holdout holdout = Holdout.of(clips, run);

    assertThat(holdout.unit()).isEqualTo(ValidationUnit.TRACKS);
    assertThat(holdout.validation()).hasSize(1);
    assertThat(holdout.training()).hasSize(1);
    assertThat(people(holdout.validation())).containsExactly("long");
    assertThat(holdout.tooShort()).isEqualTo(1);
  }

  /** Of clips of which none is too short. */
  private static Holdout draw(
      List<ClipEntry> clips, ValidationUnit unit, double fraction, long seed) {
    return Holdout.draw(clips, 1, unit, fraction, seed);
  }

  private static List<ClipEntry> clips(int people, int clipsPerPerson) {
    return IntStream.range(0, people * clipsPerPerson)
        .mapToObj(i -> clip("id" + i / clipsPerPerson, "track" + i, "v" + i, i, "dev"))
        .toList();
  }

  private static ClipEntry clip(
      String person, String track, String video, int number, String split) {
    return new ClipEntry("clip" + number, track, video, person, split, 64, null);
  }

  private static Set<String> people(List<ClipEntry> clips) {
    return clips.stream().map(ClipEntry::personId).collect(Collectors.toCollection(HashSet::new));
  }
}
