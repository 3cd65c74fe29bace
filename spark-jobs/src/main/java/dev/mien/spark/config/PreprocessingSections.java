package dev.mien.spark.config;

import dev.mien.preprocessing.clip.ClipOptions;
import dev.mien.preprocessing.clip.FilterOptions;
import dev.mien.preprocessing.clip.PreprocessingOptions;
import dev.mien.preprocessing.crop.CropGeometry;
import dev.mien.preprocessing.crop.CropOptions;
import dev.mien.preprocessing.detect.DetectionOptions;
import dev.mien.preprocessing.picture.FrameFormat;
import dev.mien.preprocessing.region.RegionOptions;
import dev.mien.preprocessing.track.FaceChoice;
import dev.mien.preprocessing.track.TrackOptions;
import dev.mien.preprocessing.video.DecodeOptions;
import java.util.Locale;
import java.util.Map;

/** Reads the {@code preprocessing} section. */
public final class PreprocessingSections {

  private static final int MANY = 1 << 24;

  /** Keys of the components that are called otherwise. */
  private static final Map<String, String> OTHER_KEYS =
      Map.of(
          "decode.maximumFramesPerSecond", "decode.maximum-frame-rate",
          "crop.geometry", "clip.geometry",
          "frameFormat", "clip.format",
          "jpegQuality", "clip.jpeg-quality");

  private PreprocessingSections() {}

  /**
   * The key, below {@code preprocessing}, of a setting as {@link
   * PreprocessingOptions#description()} names it: {@code track.minimum-frames} of {@code
   * track.minimumFrames}. What is not set, such as a model's hash, is returned as it is.
   */
  public static String key(String name) {
    String other = OTHER_KEYS.get(name);
    if (other != null) {
      return other;
    }
    return Character.isLowerCase(name.charAt(0))
        ? name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT)
        : name;
  }

  static PreprocessingOptions read(Section section) {
    Section clip = section.section("clip");
    DecodeOptions decode = decode(section.section("decode"));
    DetectionOptions detection = detection(section.section("detection"));
    TrackOptions track = track(section.section("track"));
    CropOptions crop =
        clip.build(
            () -> new CropOptions(clip.choice("geometry", CropGeometry.class)),
            CropOptions.defaults());
    RegionOptions region = region(section.section("region"));
    ClipOptions clips =
        clip.build(
            () ->
                new ClipOptions(
                    clip.integer("maximum-frames", 2, MANY), clip.integer("thumbnails", 0, MANY)),
            ClipOptions.defaults());
    FilterOptions filter = filter(section.section("filter"));
    FrameFormat format = clip.choice("format", FrameFormat.class);
    int jpegQuality = clip.integer("jpeg-quality", 1, 100);
    int threads = section.integer("threads", 1, 1024);
    return section.build(
        () ->
            new PreprocessingOptions(
                decode,
                detection,
                track,
                crop,
                region,
                clips,
                filter,
                format,
                jpegQuality,
                threads));
  }

  private static DecodeOptions decode(Section section) {
    return section.build(
        () ->
            new DecodeOptions(
                section.number("maximum-frame-rate", 1, 1000),
                section.integer("maximum-side", 1, MANY),
                section.integer("maximum-frames", 1, MANY),
                section.number("minimum-decoded-share", 0, 1)),
        DecodeOptions.defaults());
  }

  private static DetectionOptions detection(Section section) {
    return section.build(
        () ->
            new DetectionOptions(
                (float) section.number("short-range-score", 0, 1),
                (float) section.number("full-range-score", 0, 1),
                (float) section.number("presence", 0, 1)),
        DetectionOptions.defaults());
  }

  private static TrackOptions track(Section section) {
    return section.build(
        () ->
            new TrackOptions(
                section.integer("detection-interval", 1, MANY),
                section.integer("landmark-interval", 1, MANY),
                section.integer("search-interval", 1, MANY),
                section.integer("maximum-gap", 0, MANY),
                section.integer("minimum-frames", 1, MANY),
                (float) section.number("minimum-face-side", 1, 1 << 16),
                (float) section.number("minimum-landmark-share", 0, 1),
                section.integer("maximum-faces", 1, MANY),
                section.integer("smoothing-window", 1, MANY),
                section.choice("choice", FaceChoice.class)),
        TrackOptions.defaults());
  }

  private static FilterOptions filter(Section section) {
    return section.build(
        () ->
            new FilterOptions(
                (float) section.number("minimum-score", 0, 1),
                (float) section.number("minimum-presence", 0, 1),
                (float) section.number("minimum-landmark-share", 0, 1),
                (float) section.number("minimum-face-side", 0, 1 << 16),
                (float) section.number("maximum-yaw", 0, 180),
                (float) section.number("maximum-pitch", 0, 180),
                (float) section.number("maximum-roll", 0, 180),
                (float) section.number("minimum-sharpness", 0, 1 << 20),
                (float) section.number("minimum-brightness", 0, 255),
                (float) section.number("maximum-brightness", 0, 255),
                (float) section.number("minimum-motion", 0, 255),
                (float) section.number("maximum-motion", 0, 255)),
        FilterOptions.defaults());
  }

  private static RegionOptions region(Section section) {
    return section.build(
        () ->
            new RegionOptions(
                section.integer("segmentation-interval", 1, MANY),
                (float) section.number("person-probability", 0, 1)),
        RegionOptions.defaults());
  }
}
