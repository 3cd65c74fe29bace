package dev.mien.preprocessing.video;

/**
 * A video is of a kind that is not decoded here, although it may be sound; the message says which
 * kind.
 */
public final class UnsupportedVideoException extends BrokenVideoException {
  public UnsupportedVideoException(String message) {
    super(message);
  }
}
