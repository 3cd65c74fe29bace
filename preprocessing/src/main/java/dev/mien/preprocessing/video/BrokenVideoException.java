package dev.mien.preprocessing.video;

/** The file is there, but cannot be read or decoded; the message says what stopped it. */
public class BrokenVideoException extends Exception {

  /** What the message begins with when not the content stopped it, but what holds the file. */
  public static final String UNREADABLE = "cannot be read";

  public BrokenVideoException(String message) {
    super(message);
  }
}
