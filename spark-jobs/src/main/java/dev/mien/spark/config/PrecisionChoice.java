package dev.mien.spark.config;

import dev.mien.model.nn.Precision;

/** A precision, or the one that suits the device. */
enum PrecisionChoice {
  /** bfloat16 on GPUs, float32 on processors. */
  AUTO,
  FLOAT32,
  BFLOAT16;

  Precision on(ComputeDevice device) {
    return switch (this) {
      case AUTO ->
          switch (device) {
            case CPU -> Precision.FLOAT32;
            case GPU -> Precision.BFLOAT16;
          };
      case FLOAT32 -> Precision.FLOAT32;
      case BFLOAT16 -> Precision.BFLOAT16;
    };
  }
}
