package dev.mien.preprocessing.track;

import dev.mien.preprocessing.detect.Box;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Selects, from a video's tracks, those of the person that it is meant to show. */
public final class FaceSelection {
  /** Least overlap of a face with its expected box; data sets draw boxes differently. */
  private static final float AGREEMENT = 0.3f;

  /** The share of a track's frames in which it must be the expected face. */
  private static final double MAJORITY = 0.5;

  // SyncNet's crop, which VoxCeleb2's videos are: 2.8 half sides s about a face that spans 2 s, and
  // whose centre lies s below the upper edge.
  private static final float FACE_SHARE = 1 / 1.4f;
  private static final float FACE_LEFT = (1 - FACE_SHARE) / 2;

  private FaceSelection() {}

  /**
   * The sequences that agree with an expected face. In each frame, the sequence that overlaps an
   * expected face most, by at least 0.3, is taken for it; those are kept that are taken for one in
   * at least half of the frames that have both.
   *
   * @param micros {@code [n]} times of all kept frames of the video in microseconds
   * @param width of the upright frame
   * @param height of the upright frame
   */
  public static List<FaceSequence> expected(
      List<FaceSequence> sequences,
      List<ExpectedFace> expected,
      long[] micros,
      int width,
      int height) {
    int[] shared = new int[sequences.size()];
    int[] agreed = new int[sequences.size()];
    for (int frame = 0; frame < micros.length; frame++) {
      List<Box> places = new ArrayList<>();
      for (ExpectedFace face : expected) {
        face.at((micros[frame] - micros[0]) / 1e6, width, height).ifPresent(places::add);
      }
      for (int i = 0; i < shared.length && !places.isEmpty(); i++) {
        shared[i] += sequences.get(i).at(frame).isPresent() ? 1 : 0;
      }
      Set<Integer> taken = new HashSet<>(); // utterances may overlap, and expect the same face
      for (Box place : places) {
        int closest = closest(sequences, frame, place);
        if (closest >= 0 && overlap(sequences.get(closest), frame, place) >= AGREEMENT) {
          taken.add(closest);
        }
      }
      taken.forEach(sequence -> agreed[sequence]++);
    }
    List<FaceSequence> kept = new ArrayList<>();
    for (int i = 0; i < shared.length; i++) {
      if (shared[i] > 0 && agreed[i] >= MAJORITY * shared[i]) {
        kept.add(sequences.get(i));
      }
    }
    return List.copyOf(kept);
  }

  /**
   * The sequences of the person in the upper centre: those that overlap VoxCeleb2's place of the
   * face most in at least half of their frames, and on average at least half as well as the best
   * one.
   *
   * @param frames of the video
   */
  public static List<FaceSequence> upperCentral(
      List<FaceSequence> sequences, int frames, int width, int height) {
    Box place = BoxUnit.FRAME_SHARES.inSource(FACE_LEFT, 0, FACE_SHARE, FACE_SHARE, width, height);
    int[] won = new int[sequences.size()];
    for (int frame = 0; frame < frames; frame++) {
      int closest = closest(sequences, frame, place);
      if (closest >= 0) {
        won[closest]++;
      }
    }
    double best =
        sequences.stream().mapToDouble(sequence -> overlap(sequence, place)).max().orElse(0);
    List<FaceSequence> kept = new ArrayList<>();
    for (int i = 0; i < won.length; i++) {
      FaceSequence sequence = sequences.get(i);
      if (won[i] >= MAJORITY * sequence.frames() && overlap(sequence, place) >= best / 2) {
        kept.add(sequence);
      }
    }
    return List.copyOf(kept);
  }

  /** Index of the sequence that overlaps a box most in a frame; -1 when none does. */
  private static int closest(List<FaceSequence> sequences, int frame, Box place) {
    int closest = -1;
    float most = -1;
    for (int i = 0; i < sequences.size(); i++) {
      float overlap = overlap(sequences.get(i), frame, place);
      if (overlap > most) {
        closest = i;
        most = overlap;
      }
    }
    return closest;
  }

  private static float overlap(FaceSequence sequence, int frame, Box place) {
    Optional<Sighting> sighting = sequence.at(frame);
    return sighting.isPresent() ? sighting.get().box().intersectionOverUnion(place) : -1;
  }

  private static double overlap(FaceSequence sequence, Box place) {
    return sequence.sightings().stream()
        .mapToDouble(sighting -> sighting.box().intersectionOverUnion(place))
        .average()
        .orElse(0);
  }
}
