package dev.mien.spark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What Linux says of a process. */
public final class Processes {

  private Processes() {}

  /**
   * Whether the process decodes for an executor and has the file, or one of the folder's, open. A
   * child that has only been forked, for whatever, holds all that its parent does: its class counts
   * too.
   */
  public static boolean decodes(ProcessHandle process, Path file) {
    return decodes(process) && holds(process, file);
  }

  private static boolean holds(ProcessHandle process, Path file) {
    try (Stream<Path> open = Files.list(Path.of("/proc", Long.toString(process.pid()), "fd"))) {
      for (Path link : open.toList()) {
        if (Files.readSymbolicLink(link).startsWith(file)) {
          return true;
        }
      }
      return false;
    } catch (IOException e) {
      return false; // the file or the process is gone
    }
  }

  /** Whether the process decodes videos for an executor. */
  public static boolean decodes(ProcessHandle process) {
    return runs(process, "dev.mien.spark.isolate.DecodingMain");
  }

  /** Whether the process's command line has this class, or this argument. */
  public static boolean runs(ProcessHandle process, String argument) {
    try {
      return Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline"))
          .contains(argument);
    } catch (IOException e) {
      return false;
    }
  }

  /** Resident bytes now ({@code VmRSS}) or at their most ({@code VmHWM}); 0 of one that is gone. */
  public static long memory(ProcessHandle process, String field) {
    try {
      return Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status")).stream()
          .filter(line -> line.startsWith(field))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return 0;
    }
  }

  /** Sends a signal, as {@code kill} does. */
  public static void signal(ProcessHandle process, String signal)
      throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start().waitFor();
  }
}
