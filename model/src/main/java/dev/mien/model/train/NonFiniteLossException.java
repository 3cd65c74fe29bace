package dev.mien.model.train;

import java.util.List;

/** A loss or gradient was infinite or NaN; the trainer's state is as before the step. */
public final class NonFiniteLossException extends RuntimeException {
  private static final long serialVersionUID = 1;

  NonFiniteLossException(StepLoss loss, List<String> clipIds) {
    super("Non-finite loss: %s, clips %s".formatted(loss, clipIds));
  }
}
