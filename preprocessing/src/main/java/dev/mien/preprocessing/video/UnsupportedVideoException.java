package dev.mien.preprocessing.video;

/** The file may be sound, but is of a kind that is not decoded here; the message says which. */
public final class UnsupportedVideoException extends BrokenVideoException {
  public UnsupportedVideoException(String message) {
    super(message);
  }
}
