package dev.mien.preprocessing.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.testng.annotations.Test;

public class FaceModelTest {
  @Test
  public void everyModelIsTheOneNamedInTheNotice() {
    assertThat(FaceModel.SHORT_RANGE_DETECTION.load()).hasSize(229032);
    assertThat(FaceModel.FULL_RANGE_DETECTION.load()).hasSize(1083984);
    assertThat(FaceModel.LANDMARKS.load()).hasSize(1241896);
    assertThat(FaceModel.PERSON_SEGMENTATION.load()).hasSize(249024);
  }

  @Test
  public void anAlteredModelIsRefused() {
    byte[] bytes = FaceModel.PERSON_SEGMENTATION.load();
    bytes[1000] ^= 1;
    assertThatThrownBy(() -> FaceModel.PERSON_SEGMENTATION.verify(bytes))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("Invalid model selfie_segmentation.tflite: sha256 ")
        .hasMessageContaining(FaceModel.PERSON_SEGMENTATION.sha256());
  }
}
