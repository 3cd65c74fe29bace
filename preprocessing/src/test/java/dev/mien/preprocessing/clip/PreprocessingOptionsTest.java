package dev.mien.preprocessing.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mien.preprocessing.crop.CropGeometry;
import dev.mien.preprocessing.crop.CropOptions;
import dev.mien.preprocessing.track.FaceChoice;
import dev.mien.preprocessing.track.TrackOptions;
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
        .isNotEqualTo(defaults.withFrameFormat(FrameFormat.RAW).fingerprint())
        .isNotEqualTo(defaults.withCrop(new CropOptions(CropGeometry.TIGHT)).fingerprint())
        .isNotEqualTo(
            defaults
                .withFilter(new FilterOptions(0, 0, 0, 0, 180, 180, 180, 1, 0, 255, 0, 255))
                .fingerprint())
        .isNotEqualTo(
            defaults
                .withTrack(
                    new TrackOptions(10, 2, 2, 5, 16, 40, 0.25f, 16, 13, FaceChoice.UPPER_CENTRAL))
                .fingerprint())
        .isNotEqualTo(
            defaults
                .withTrack(
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
    assertThatThrownBy(() -> new ClipOptions(1, 8))
        .hasMessage("Invalid maximum frames: 1 (must be at least 2)");
  }

  @Test
  public void thumbnailsOfAVideoAreBounded() {
    ClipOptions clip = ClipOptions.defaults();
    assertThat(clip.thumbnails(1)).isEqualTo(8);
    assertThat(clip.thumbnails(128)).isEqualTo(8);
    assertThat(clip.thumbnails(500)).isEqualTo(2);
    assertThat(clip.thumbnails(5000)).isEqualTo(1);
    assertThat(new ClipOptions(64, 0).thumbnails(5000)).isZero();
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
