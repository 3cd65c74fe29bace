package dev.mien.preprocessing.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mien.preprocessing.crop.CropGeometry;
import dev.mien.preprocessing.crop.CropOptions;
import dev.mien.preprocessing.picture.FrameFormat;
import dev.mien.preprocessing.track.FaceChoice;
import dev.mien.preprocessing.track.TrackOptions;
import dev.mien.preprocessing.video.DecodeOptions;
import org.testng.annotations.Test;

public class PreprocessingOptionsTest {
  private final PreprocessingOptions defaults = PreprocessingOptions.defaults();

  @Test
  public void fingerprintFollowsWhatChangesClips() {
    assertThat(defaults.fingerprint())
        .matches("[0-9a-f]{64}")
        .isEqualTo(PreprocessingOptions.defaults().fingerprint())
        .isEqualTo(with(92, 4).fingerprint())
        .isNotEqualTo(with(91, 1).fingerprint())
        .isNotEqualTo(ChangedOptions.of(FrameFormat.RAW).fingerprint())
        .isNotEqualTo(ChangedOptions.of(new CropOptions(CropGeometry.TIGHT)).fingerprint())
        .isNotEqualTo(
            ChangedOptions.of(new FilterOptions(0, 0, 0, 0, 180, 180, 180, 1, 0, 255, 0, 255))
                .fingerprint())
        .isNotEqualTo(
            ChangedOptions.of(
                    new TrackOptions(10, 2, 2, 5, 16, 40, 0.25f, 16, 13, FaceChoice.UPPER_CENTRAL))
                .fingerprint())
        .isNotEqualTo(
            ChangedOptions.of(
                    new TrackOptions(10, 2, 2, 5, 16, 41, 0.25f, 16, 13, FaceChoice.EVERYBODY))
                .fingerprint());
  }

  @Test
  public void invalidSettingsAreNamed() {
    assertThatThrownBy(() -> with(0, 1)).hasMessage("Invalid JPEG quality: 0 (must be in [1,100])");
    assertThatThrownBy(() -> with(90, 0)).hasMessage("Invalid threads: 0 (must be at least 1)");
    assertThatThrownBy(
            () -> new TrackOptions(10, 2, 2, 5, 16, 40, 0.25f, 16, 12, FaceChoice.EVERYBODY))
        .hasMessage("Invalid smoothing window: 12 (must be odd)");
    assertThatThrownBy(
            () -> new TrackOptions(10, 2, 2, 5, 16, 40, 0.25f, 16, 103, FaceChoice.EVERYBODY))
        .hasMessage(
            "Invalid smoothing window: 103 (must be at most 101: at a track's ends all pairs of its"
                + " frames are compared)");
    assertThatThrownBy(() -> new DecodeOptions(30, 11_521, 100, 0.9))
        .hasMessage(
            "Invalid maximum side: 11521 (must be in [1,11520]: a plane of 16 bits a pixel must fit"
                + " the 256 MiB that FFmpeg may allocate at once)");
    assertThatThrownBy(() -> new FilterOptions(0, 0, 0, 0, 180, 180, 180, 0, 200, 100, 9, 3))
        .hasMessage(
            "Invalid brightness: minimum 200.0 above maximum 100.0 (would keep no clip); Invalid"
                + " motion: minimum 9.0 above maximum 3.0 (would keep no clip)");
    assertThatThrownBy(() -> new FilterOptions(2, 0, 0, 0, 180, 180, 180, 0, 0, 255, 9, 3))
        .hasMessage(
            "Invalid minimum score: 2.0 (must be in [0,1.0]); Invalid motion: minimum 9.0 above"
                + " maximum 3.0 (would keep no clip)");
    assertThatThrownBy(() -> new ClipOptions(1, 8))
        .hasMessage("Invalid maximum frames: 1 (must be at least 2)");
  }

  @Test
  public void thumbnailsOfAVideoAreBounded() {
    ClipOptions clip = ClipOptions.defaults();
    assertThat(clip.thumbnails(0, 1)).isEqualTo(8);
    assertThat(clip.thumbnails(127, 128)).isEqualTo(8);
    assertThat(clip.thumbnails(499, 500)).isEqualTo(2);
    assertThat(clip.thumbnails(1023, 5000)).isEqualTo(1);
    assertThat(clip.thumbnails(1024, 5000)).isZero();
    assertThat(new ClipOptions(64, 0).thumbnails(0, 5000)).isZero();
  }

  private PreprocessingOptions with(int jpegQuality, int threads) {
    return new PreprocessingOptions(
        defaults.decode(),
        defaults.detection(),
        defaults.track(),
        defaults.crop(),
        defaults.region(),
        defaults.clip(),
        defaults.filter(),
        FrameFormat.JPEG,
        jpegQuality,
        threads);
  }
}
