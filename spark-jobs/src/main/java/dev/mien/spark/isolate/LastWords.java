package dev.mien.spark.isolate;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The end of what a process wrote to its standard error, read as it comes and bounded. */
final class LastWords {

  private static final int KEPT_BYTES = 1 << 14;

  /** The line by which a JVM says that native code crashed: {@code # SIGSEGV (0xb) at pc=…}. */
  private static final Pattern SIGNAL = Pattern.compile("#\\s+(SIG[A-Z]+) \\(0x");

  private final Thread reader;
  private byte[] kept = new byte[0];

  private LastWords(InputStream words) {
    this.reader = new Thread(() -> keep(words), "decoding-last-words");
    reader.setDaemon(true);
  }

  static LastWords of(Process process) {
    LastWords lastWords = new LastWords(process.getErrorStream());
    lastWords.reader.start();
    return lastWords;
  }

  /**
   * What the process wrote last. Call it when the process has ended: it waits a second at most for
   * the rest.
   */
  String text() {
    try {
      reader.join(TimeUnit.SECONDS.toMillis(1));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    synchronized (this) {
      return new String(kept, StandardCharsets.UTF_8);
    }
  }

  /** The signal that the process says it died of, if it does. */
  Optional<String> signal() {
    Matcher signal = SIGNAL.matcher(text());
    return signal.find() ? Optional.of(signal.group(1)) : Optional.empty();
  }

  private void keep(InputStream words) {
    byte[] buffer = new byte[1 << 12];
    try (words) {
      for (int read = words.read(buffer); read >= 0; read = words.read(buffer)) {
        append(buffer, read);
      }
    } catch (IOException e) {
      // The process is gone, and its pipe with it.
    }
  }

  private synchronized void append(byte[] buffer, int length) {
    byte[] all = Arrays.copyOf(kept, kept.length + length);
    System.arraycopy(buffer, 0, all, kept.length, length);
    kept = Arrays.copyOfRange(all, Math.max(0, all.length - KEPT_BYTES), all.length);
  }
}
