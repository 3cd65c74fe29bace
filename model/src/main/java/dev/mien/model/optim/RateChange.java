package dev.mien.model.optim;

/** How often the learning rate changes. */
public enum RateChange {
  /** With every step. */
  EVERY_STEP,
  /** After the first step of an epoch, as in MARLIN's training. */
  EVERY_EPOCH
}
