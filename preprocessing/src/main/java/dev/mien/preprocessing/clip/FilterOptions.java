package dev.mien.preprocessing.clip;

import dev.mien.preprocessing.track.FaceQuality;
import java.util.Optional;

/**
 * The least and greatest figures of a clip that is kept, as {@link FaceQuality} has them. Angles
 * are bounded either way.
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
    within("minimum score", minimumScore, 1);
    within("minimum presence", minimumPresence, 1);
    within("minimum landmark share", minimumLandmarkShare, 1);
    within("minimum face side", minimumFaceSide, Float.MAX_VALUE);
    within("maximum yaw", maximumYaw, HALF_TURN);
    within("maximum pitch", maximumPitch, HALF_TURN);
    within("maximum roll", maximumRoll, HALF_TURN);
    within("minimum sharpness", minimumSharpness, Float.MAX_VALUE);
    within("minimum brightness", minimumBrightness, LEVELS);
    within("maximum brightness", maximumBrightness, LEVELS);
    within("minimum motion", minimumMotion, LEVELS);
    within("maximum motion", maximumMotion, LEVELS);
  }

  /** Keeps everything. */
  public static FilterOptions defaults() {
    return new FilterOptions(0, 0, 0, 0, HALF_TURN, HALF_TURN, HALF_TURN, 0, 0, LEVELS, 0, LEVELS);
  }

  /** The first figure that refuses a clip before its pixels are seen. */
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

  /** The first figure that refuses a clip whose pixels are measured. */
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

  private static void within(String name, float value, float most) {
    if (!(value >= 0 && value <= most)) {
      throw new IllegalArgumentException(
          "Invalid " + name + ": " + value + " (must be in [0," + most + "])");
    }
  }
}
