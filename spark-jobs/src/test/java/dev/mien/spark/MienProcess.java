package dev.mien.spark;

import dev.mien.spark.cli.Mien;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Mien's command line in a process of its own that is driver and executor. */
public final class MienProcess {

  /** What a process exits with that was sent SIGKILL. */
  public static final int KILLED = 128 + 9;

  private final Process process;
  private final Path log;

  private MienProcess(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /**
   * Starts it.
   *
   * @param log what it says goes there
   * @param settings of Spark, beside the usual ones
   */
  public static MienProcess start(Path log, Map<String, String> settings, List<String> command)
      throws IOException {
    return start(Mien.class, log, settings, Map.of(), command);
  }

  /** Starts another program in the same way, with more in its environment. */
  public static MienProcess start(
      Class<?> main,
      Path log,
      Map<String, String> settings,
      Map<String, String> environment,
      List<String> arguments)
      throws IOException {
    List<String> java = new ArrayList<>();
    java.add(ProcessHandle.current().info().command().orElseThrow());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith("--add-"))
        .forEach(java::add);
    java.addAll(List.of(BriefJava.OPTIONS.split(" ")));
    java.add("-Xmx1g");
    java.add("-Dlog4j2.configurationFile=../conf/spark/log4j2.properties");
    Map<String, String> all = new TreeMap<>(LocalSpark.SETTINGS);
    all.put("spark.master", "local[1]");
    all.putAll(settings);
    all.forEach((key, value) -> java.add("-D" + key + "=" + value));
    java.addAll(List.of("-cp", System.getProperty("java.class.path")));
    java.add(main.getName());
    java.addAll(arguments);
    ProcessBuilder process =
        new ProcessBuilder(java)
            .redirectInput(new File("/dev/null"))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    process.environment().putAll(environment);
    return new MienProcess(process.start(), log);
  }

  /** Itself, and by it the processes that decode for it. */
  public ProcessHandle handle() {
    return process.toHandle();
  }

  /** Waits for its end. */
  public int exit() throws InterruptedException {
    return process.waitFor();
  }

  public String said() throws IOException {
    return Files.readString(log);
  }
}
