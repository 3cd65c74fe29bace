package dev.mien.model.optim;

/** Which parameters weight decay pulls to zero. */
public enum DecayScope {
  /** All of them, as MARLIN's optimiser would. */
  EVERY_PARAMETER,
  /** The weights of linear maps only, not biases, norms or the mask token, as VideoMAE does. */
  WEIGHTS
}
