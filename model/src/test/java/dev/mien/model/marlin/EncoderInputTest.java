package dev.mien.model.marlin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.testng.annotations.Test;

public class EncoderInputTest {
  @Test
  public void aResultThatNoBufferHoldsIsRefused() {
    try (NDManager scope = NDManager.newBaseManager("PyTorch")) {
      // one value seen many times takes no memory
      NDArray huge = scope.ones(new Shape(1, 1)).broadcast(new Shape(2, 300_000_000));
      assertThatThrownBy(() -> EncoderInput.rows(huge, 2))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "Invalid batch: 2 clips give 600000000 values"
                  + " (must be at most 536870911; take fewer clips at a time)");
    }
  }

  @Test
  public void aRowIsAClips() {
    try (NDManager scope = NDManager.newBaseManager("PyTorch")) {
      NDArray array = scope.create(new float[] {1, 2, 3, 4, 5, 6}, new Shape(2, 3));
      assertThat(EncoderInput.rows(array, 2)).isDeepEqualTo(new float[][] {{1, 2, 3}, {4, 5, 6}});
    }
  }
}
