package dev.mien.model.nn;

/** The floating-point type in which a network computes. */
public enum Precision {
  /** IEEE 754 single precision throughout. */
  FLOAT32(6),
  /**
   * Parameters, activations and their gradients are bfloat16 (Kalamkar et al., 2019); sums inside
   * an operation, the statistics of norms and softmax, losses, and the optimiser with its own copy
   * of the parameters are float32. Fast where the processor multiplies bfloat16 (AVX512-BF16, AMX,
   * GPUs since 2020), slow elsewhere.
   */
  BFLOAT16(15);

  private final int scalarType;

  Precision(int scalarType) {
    this.scalarType = scalarType;
  }

  /** The type's number in libtorch. */
  public int scalarType() {
    return scalarType;
  }
}
