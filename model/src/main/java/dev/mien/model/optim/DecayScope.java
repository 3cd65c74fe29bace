package dev.mien.model.optim;

import java.util.regex.Pattern;

/** Which parameters weight decay applies to. */
public enum DecayScope {
  /** All of them, as in MARLIN's optimiser. */
  EVERY_PARAMETER,
  /** The weights of linear maps only, not biases, norms or the mask token, as in VideoMAE. */
  WEIGHTS;

  private static final Pattern NORM = Pattern.compile("\\.norm\\d?\\.");

  /** Whether the parameter of this name decays. */
  public boolean covers(String parameter) {
    return switch (this) {
      case EVERY_PARAMETER -> true;
      case WEIGHTS -> parameter.endsWith(".weight") && !NORM.matcher(parameter).find();
    };
  }
}
