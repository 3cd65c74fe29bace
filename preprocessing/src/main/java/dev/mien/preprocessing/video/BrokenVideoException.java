package dev.mien.preprocessing.video;

/** The file is there, but its content cannot be decoded; the message says what stopped it. */
public class BrokenVideoException extends Exception {
  public BrokenVideoException(String message) {
    super(message);
  }
}
