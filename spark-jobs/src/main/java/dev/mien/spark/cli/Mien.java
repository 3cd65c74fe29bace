package dev.mien.spark.cli;

import dev.mien.spark.dataset.ConcurrentPublicationException;
import dev.mien.spark.pretrain.RunStoppedException;
import dev.mien.spark.progress.FirstLine;
import dev.mien.spark.run.CodeVersion;
import java.io.FileNotFoundException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import org.apache.hadoop.util.ShutdownHookManager;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.TypeConversionException;

/**
 * The one main class: {@code spark-submit --class dev.mien.spark.cli.Mien mien.jar <command> …}.
 */
@Command(
    name = "mien",
    description = "Turns folders of talking-face video into a trained facial-video encoder.",
    mixinStandardHelpOptions = true,
    versionProvider = Mien.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      QuickstartCommand.class,
      PreprocessCommand.class,
      RedundancyCommand.class,
      SelectCommand.class,
      PretrainCommand.class,
      EmbedCommand.class,
      EvaluateCommand.class,
      ExportCommand.class,
      ImportCommand.class,
      InspectCommand.class,
      ForgetCommand.class,
      VacuumCommand.class,
      DoctorCommand.class
    })
public final class Mien {

  /** The end of every job's help. */
  static final String SPARK_OPTIONS =
      "%nThe launcher, ./mien, also takes options of spark-submit, such as --master, --num-executors,"
          + " --conf and --properties-file.";

  /** The end of the help of jobs without exit codes of their own. */
  static final String FOOTER =
      "%nExit codes: 0 done, 1 failed, 2 what was asked for cannot be.%n" + SPARK_OPTIONS;

  private static final int BAD_INPUT = 2;
  private static final int FAILED = 1;

  private Mien() {}

  /**
   * Exits with 0 when the job is done, 1 when it failed, and 2 when what was asked for is
   * impossible; {@code preprocess} exits with 3 when it is done and too many videos were unusable.
   */
  public static void main(String... arguments) {
    int exit = run(arguments);
    if (exit != 0) { // YARN takes a driver that calls exit for a failed one, whatever its status
      System.exit(exit);
    }
  }

  static int run(String... arguments) {
    return new CommandLine(new Mien())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .registerConverter(Path.class, Mien::localPath)
        .setExecutionExceptionHandler(Mien::explain)
        .execute(arguments);
  }

  /**
   * Parses a path of this machine, which may be a file URI.
   *
   * @throws TypeConversionException when it is a URI of another file system, which as a path would
   *     name a folder here
   */
  static Path localPath(String text) {
    if (text.startsWith("file:/")) {
      return Path.of(URI.create(text));
    }
    if (text.matches("[a-zA-Z][a-zA-Z0-9+.-]+:/.*")) {
      throw new TypeConversionException(
          "Not a file of this machine: " + text + " (a path such as /tmp/figures was expected)");
    }
    return Path.of(text);
  }

  /** Prints a sentence where the user can mend the failure, and a stack trace where only we can. */
  private static int explain(
      Exception failure, CommandLine command, CommandLine.ParseResult arguments) {
    if (isBadInput(failure)) {
      command.getErr().println(failure.getMessage());
      return BAD_INPUT;
    }
    if (failure instanceof RunStoppedException
        || failure instanceof ConcurrentPublicationException) {
      command.getErr().println(failure.getMessage());
      return FAILED;
    }
    // Spark stops before the job, which then fails.
    if (ShutdownHookManager.get().isShutdownInProgress()) {
      command
          .getErr()
          .printf(
              "%s was told to end, and did: %s%n",
              command.getCommandSpec().qualifiedName(), cause(failure));
      return FAILED;
    }
    failure.printStackTrace(command.getErr());
    command
        .getErr()
        .printf("%s failed: %s%n", command.getCommandSpec().qualifiedName(), cause(failure));
    return FAILED;
  }

  /**
   * An unknown host of a name node is a failure that may pass, although Hadoop reports it by the
   * same exception.
   */
  private static boolean isBadInput(Exception failure) {
    return failure instanceof FileNotFoundException
        || (failure instanceof IllegalArgumentException
            && !(failure.getCause() instanceof UnknownHostException));
  }

  /** The exception inside Spark's wrappers, and its root cause, in one line. */
  static String cause(Throwable failure) {
    Throwable cause = failure;
    while (isWrapper(cause)) {
      cause = cause.getCause();
    }
    Throwable root = cause;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String said = FirstLine.of(cause.toString());
    return said.contains(FirstLine.of(root)) ? said : said + ": " + FirstLine.of(root.toString());
  }

  private static boolean isWrapper(Throwable failure) {
    Throwable cause = failure.getCause();
    return cause != null
        && (failure.getClass().getName().startsWith("org.apache.spark.")
            || cause.toString().equals(failure.getMessage()));
  }

  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"mien " + CodeVersion.current()};
    }
  }
}
