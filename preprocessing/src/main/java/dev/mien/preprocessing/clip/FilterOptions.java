package dev.mien.preprocessing.clip;

import dev.mien.preprocessing.track.FaceQuality;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Bounds on the figures of clips that are kept, see {@link FaceQuality}. Angles are bounded in both
 * directions.
 */
public record FilterOptions(
    float minimumScore,
    float minimumPresence,
    float minimumLandmarkShare,
    float minimumFaceSide,
    float maximumYaw,
    float maximumPitch,
    float maximumRoll,
    float minimumSharpness,
    float minimumBrightness,
    float maximumBrightness,
    float minimumMotion,
    float maximumMotion) {
  private static final float LEVELS = 255;
  private static final float HALF_TURN = 180;

  public FilterOptions {
    List<String> problems = new ArrayList<>();
    within("minimum score", minimumScore, 1, problems);
    within("minimum presence", minimumPresence, 1, problems);
    within("minimum landmark share", minimumLandmarkShare, 1, problems);
    within("minimum face side", minimumFaceSide, Float.MAX_VALUE, problems);
    within("maximum yaw", maximumYaw, HALF_TURN, problems);
    within("maximum pitch", maximumPitch, HALF_TURN, problems);
    within("maximum roll", maximumRoll, HALF_TURN, problems);
    within("minimum sharpness", minimumSharpness, Float.MAX_VALUE, problems);
    within("minimum brightness", minimumBrightness, LEVELS, problems);
    within("maximum brightness", maximumBrightness, LEVELS, problems);
    within("minimum motion", minimumMotion, LEVELS, problems);
    within("maximum motion", maximumMotion, LEVELS, problems);
    ordered("brightness", minimumBrightness, maximumBrightness, problems);
    ordered("motion", minimumMotion, maximumMotion, problems);
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(String.join("; ", problems));
    }
  }

  /** Keeps everything. */
  public static FilterOptions defaults() {
    return new FilterOptions(0, 0, 0, 0, HALF_TURN, HALF_TURN, HALF_TURN, 0, 0, LEVELS, 0, LEVELS);
  }

  /** The first figure, of those known before pixels are read, by which a clip is refused. */
  Optional<String> refusedUnseen(FaceQuality quality) {
    if (quality.score() < minimumScore) {
      return Optional.of("score");
    }
    if (quality.presence() < minimumPresence) {
      return Optional.of("presence");
    }
    if (quality.landmarkShare() < minimumLandmarkShare) {
      return Optional.of("landmark share");
    }
    if (quality.faceSide() < minimumFaceSide) {
      return Optional.of("face side");
    }
    if (Math.abs(quality.yaw()) > maximumYaw) {
      return Optional.of("yaw");
    }
    if (Math.abs(quality.pitch()) > maximumPitch) {
      return Optional.of("pitch");
    }
    if (Math.abs(quality.roll()) > maximumRoll) {
      return Optional.of("roll");
    }
    return Optional.empty();
  }

  /** The first figure, of those measured in pixels, by which a clip is refused. */
  Optional<String> refusedSeen(FaceQuality quality) {
    if (quality.sharpness() < minimumSharpness) {
      return Optional.of("sharpness");
    }
    if (quality.brightness() < minimumBrightness || quality.brightness() > maximumBrightness) {
      return Optional.of("brightness");
    }
    if (quality.motion() < minimumMotion || quality.motion() > maximumMotion) {
      return Optional.of("motion");
    }
    return Optional.empty();
  }

  private static void within(String name, float value, float most, List<String> problems) {
    if (!(value >= 0 && value <= most)) {
      problems.add("Invalid " + name + ": " + value + " (must be in [0," + most + "])");
    }
  }

  private static void ordered(String name, float minimum, float maximum, List<String> problems) {
    if (minimum > maximum) {
      problems.add(
          "Invalid %s: minimum %s above maximum %s (would keep no clip)"
              .formatted(name, minimum, maximum));
    }
  }
}
