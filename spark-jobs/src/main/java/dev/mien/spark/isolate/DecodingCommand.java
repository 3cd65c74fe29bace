package dev.mien.spark.isolate;

import dev.mien.spark.config.IsolationOptions;
import java.io.File;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** The command that starts a decoding process. */
final class DecodingCommand {

  /**
   * Where replies are written: standard output is taken by what the JVM says when native code
   * crashes.
   */
  static final String REPLIES = "/proc/self/fd/3";

  /**
   * The heap gets one part in so many of the process's memory; most of a video's memory is native.
   */
  private static final int HEAP_SHARE = 4;

  /**
   * The variables that the process gets of the executor's environment, whose secrets are not for
   * it.
   */
  private static final Set<String> ENVIRONMENT =
      Set.of("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "TMPDIR", "TZ");

  private DecodingCommand() {}

  /**
   * Prepares a process of this JVM and its class path.
   *
   * @param folder the process's own, for temporary files and the account of a crash
   */
  static ProcessBuilder of(IsolationOptions options, Path folder) {
    String limit = Long.toString(options.memoryLimit());
    ProcessBuilder builder =
        new ProcessBuilder(
            "/bin/sh",
            "-c",
            "exec \"$@\" 3>&1 1>&2",
            "mien-decoding",
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx" + options.memoryLimit() / HEAP_SHARE,
            "-XX:+UseSerialGC",
            "-XX:+ExitOnOutOfMemoryError",
            "-XX:-CreateCoredumpOnCrash", // it would hold faces
            "-XX:ErrorFile=" + folder.resolve("crash.log"),
            "-XX:-UsePerfData",
            "-Djava.awt.headless=true",
            "-Djava.io.tmpdir=" + folder,
            "-Dorg.bytedeco.javacpp.maxBytes=" + limit,
            "-Dorg.bytedeco.javacpp.maxPhysicalBytes=" + limit,
            "-cp",
            classPath(),
            DecodingMain.class.getName(),
            folder.toString());
    Map<String, String> environment = builder.environment();
    environment.keySet().retainAll(ENVIRONMENT);
    // Threads' arenas would keep what one video freed from the next.
    environment.put("MALLOC_ARENA_MAX", "2");
    return builder;
  }

  /** The class path of this class's loaders, the nearest first: Spark adds the job's jar by one. */
  private static String classPath() {
    Set<String> paths = new LinkedHashSet<>();
    for (ClassLoader loader = DecodingCommand.class.getClassLoader();
        loader != null;
        loader = loader.getParent()) {
      if (loader instanceof URLClassLoader jars) {
        for (URL jar : jars.getURLs()) {
          if (jar.getProtocol().equals("file")) {
            paths.add(path(jar));
          }
        }
      }
    }
    Pattern.compile(File.pathSeparator)
        .splitAsStream(System.getProperty("java.class.path"))
        .forEach(path -> paths.add(new File(path).getAbsolutePath()));
    return String.join(File.pathSeparator, paths);
  }

  private static String path(URL jar) {
    try {
      return Path.of(jar.toURI()).toString();
    } catch (URISyntaxException e) {
      throw new IllegalStateException("Cannot start a decoding process with " + jar, e);
    }
  }
}
