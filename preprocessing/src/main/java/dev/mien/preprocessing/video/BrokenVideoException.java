package dev.mien.preprocessing.video;

/** A file cannot be read or decoded; the message says what stopped it. */
public class BrokenVideoException extends Exception {

  /** How the message begins when storage failed and not the file's content. */
  public static final String UNREADABLE = "cannot be read";

  public BrokenVideoException(String message) {
    super(message);
  }
}
