package dev.mien.preprocessing.clip;

import dev.mien.preprocessing.crop.CropOptions;
import dev.mien.preprocessing.detect.DetectionOptions;
import dev.mien.preprocessing.detect.FaceLandmarks;
import dev.mien.preprocessing.detect.FaceModel;
import dev.mien.preprocessing.picture.FrameFormat;
import dev.mien.preprocessing.region.RegionMapper;
import dev.mien.preprocessing.region.RegionOptions;
import dev.mien.preprocessing.track.TrackOptions;
import dev.mien.preprocessing.video.DecodeOptions;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;

/**
 * Everything that decides which clips a video gives.
 *
 * @param jpegQuality in [1,100]; unused when frames are stored raw
 * @param threads threads of the models and of OpenCV; changes only the speed
 */
public record PreprocessingOptions(
    DecodeOptions decode,
    DetectionOptions detection,
    TrackOptions track,
    CropOptions crop,
    RegionOptions region,
    ClipOptions clip,
    FilterOptions filter,
    FrameFormat frameFormat,
    int jpegQuality,
    int threads) {
  /** The largest size of a clip in bytes: a clip is one message between processes, and one row. */
  public static final int MOST_CLIP_BYTES = 1 << 28;

  /** Bytes of a frame besides its pixels: their length, time, region map, landmarks. */
  static final int FRAME_BYTES =
      Integer.BYTES
          + Long.BYTES
          + RegionMapper.CELLS * RegionMapper.CELLS
          + FaceLandmarks.POINTS * 2 * Short.BYTES;

  private static final int RAW_FRAME_BYTES = CropOptions.SIZE * CropOptions.SIZE * 3 + FRAME_BYTES;

  private static final long MEBI = 1 << 20;

  /** Raised with every change of the code that changes ids, pixels or regions. */
  private static final int ALGORITHM_VERSION = 17;

  public PreprocessingOptions {
    Objects.requireNonNull(decode, "decode");
    Objects.requireNonNull(detection, "detection");
    Objects.requireNonNull(track, "track");
    Objects.requireNonNull(crop, "crop");
    Objects.requireNonNull(region, "region");
    Objects.requireNonNull(clip, "clip");
    Objects.requireNonNull(filter, "filter");
    Objects.requireNonNull(frameFormat, "frameFormat");
    if (jpegQuality < 1 || jpegQuality > 100) {
      throw new IllegalArgumentException(
          "Invalid JPEG quality: " + jpegQuality + " (must be in [1,100])");
    }
    if (threads < 1) {
      throw new IllegalArgumentException("Invalid threads: " + threads + " (must be at least 1)");
    }
  }

  /** Why clips may be too large to be sent between processes, if so. */
  public Optional<String> clipProblem() {
    int mostRaw = MOST_CLIP_BYTES / RAW_FRAME_BYTES;
    return frameFormat == FrameFormat.RAW && clip.maximumFrames() > mostRaw
        ? Optional.of(
            ("Invalid maximum frames of raw clips: %d, a clip of %d MiB (must be at most %d, one of"
                    + " %d MiB; or store JPEG)")
                .formatted(
                    clip.maximumFrames(),
                    (long) RAW_FRAME_BYTES * clip.maximumFrames() / MEBI,
                    mostRaw,
                    MOST_CLIP_BYTES / MEBI))
        : Optional.empty();
  }

  /** JPEG at quality 92 on one thread, as a Spark task owns one core. */
  public static PreprocessingOptions defaults() {
    return new PreprocessingOptions(
        DecodeOptions.defaults(),
        DetectionOptions.defaults(),
        TrackOptions.defaults(),
        CropOptions.defaults(),
        RegionOptions.defaults(),
        ClipOptions.defaults(),
        FilterOptions.defaults(),
        FrameFormat.JPEG,
        92,
        1);
  }

  /**
   * Lower-case hex sha256 of the algorithm's version, every setting by name, and the models' own
   * hashes: equal fingerprints give equal ids, pixels and regions. Threads are left out.
   */
  public String fingerprint() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of()
          .formatHex(digest.digest(description().getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Cannot fingerprint options: this Java has no SHA-256", e);
    }
  }

  /** The settings that the fingerprint is computed from, in lines of {@code name=value}. */
  public String description() {
    StringBuilder text = new StringBuilder("algorithm=" + ALGORITHM_VERSION + "\n");
    for (FaceModel model : FaceModel.values()) {
      text.append(model.name()).append('=').append(model.sha256()).append('\n');
    }
    describe("", this, text);
    return text.toString();
  }

  private static void describe(String prefix, Record options, StringBuilder text) {
    for (RecordComponent component : options.getClass().getRecordComponents()) {
      String name = prefix + component.getName();
      if (name.equals("threads")) {
        continue;
      }
      Object value;
      try {
        value = component.getAccessor().invoke(options);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("Cannot read option: " + name, e);
      }
      if (value instanceof Record nested) {
        describe(name + ".", nested, text);
      } else {
        text.append(name).append('=').append(value).append('\n');
      }
    }
  }
}
