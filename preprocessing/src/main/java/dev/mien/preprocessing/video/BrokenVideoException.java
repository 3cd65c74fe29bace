package dev.mien.preprocessing.video;

/** The file is there, but cannot be read or decoded; the message says what stopped it. */
public class BrokenVideoException extends Exception {
  public BrokenVideoException(String message) {
    super(message);
  }
}
