package dev.mien.spark.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.spark.cli.Mien;
import dev.mien.spark.config.MienConfiguration;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

/** The files of {@code deploy}, run as a user runs them. */
final class Script {

  static final Path DEPLOY = Path.of("../deploy").toAbsolutePath().normalize();

  private Script() {}

  /** What a script said, on both streams, and its exit code. */
  record Ended(int exit, String said) {}

  /** A script with these variables beside the test's own, not yet started. */
  static ProcessBuilder of(Map<String, String> environment, String script, String... arguments) {
    List<String> command = new ArrayList<>(List.of(DEPLOY.resolve(script).toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().removeIf(name -> name.startsWith("SPARK_"));
    builder.environment().putAll(environment);
    return builder;
  }

  static Ended run(Map<String, String> environment, String script, String... arguments)
      throws IOException, InterruptedException {
    return end(of(environment, script, arguments).start());
  }

  static Ended end(Process process) throws IOException, InterruptedException {
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ended(process.waitFor(), said);
  }

  /** A program in place of one that this machine lacks, or that a test wants to look behind. */
  static Path program(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, "#!/bin/bash\n" + text + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    return file;
  }

  /** Has Mien's own command line read a job's arguments, and its configuration the settings. */
  static ParseResult parse(Collection<String> job) {
    ParseResult parsed =
        new CommandLine(Mien.class).parseArgs(job.toArray(String[]::new)).subcommand();
    assertThat(parsed).as("a job in %s", job).isNotNull();
    List<String> settings = parsed.matchedOptionValue("--set", List.of());
    Optional<String> preset = parsed.matchedOptionValue("--preset", Optional.empty());
    MienConfiguration.load(preset, Optional.empty(), settings);
    return parsed;
  }
}
