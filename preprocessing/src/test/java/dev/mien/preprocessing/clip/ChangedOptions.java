package dev.mien.preprocessing.clip;

import dev.mien.preprocessing.crop.CropOptions;
import dev.mien.preprocessing.picture.FrameFormat;
import dev.mien.preprocessing.track.TrackOptions;
import dev.mien.preprocessing.video.DecodeOptions;

/** The default options with some of them changed. */
final class ChangedOptions {

  private ChangedOptions() {}

  /**
   * @param changes options to take in place of the default ones of their type
   */
  static PreprocessingOptions of(Object... changes) {
    PreprocessingOptions options = PreprocessingOptions.defaults();
    for (Object change : changes) {
      options = with(options, change);
    }
    return options;
  }

  private static PreprocessingOptions with(PreprocessingOptions options, Object change) {
    return new PreprocessingOptions(
        change instanceof DecodeOptions decode ? decode : options.decode(),
        options.detection(),
        change instanceof TrackOptions track ? track : options.track(),
        change instanceof CropOptions crop ? crop : options.crop(),
        options.region(),
        change instanceof ClipOptions clip ? clip : options.clip(),
        change instanceof FilterOptions filter ? filter : options.filter(),
        change instanceof FrameFormat format ? format : options.frameFormat(),
        options.jpegQuality(),
        options.threads());
  }
}
