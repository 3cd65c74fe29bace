package dev.mien.spark.cli;

import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.forget.ForgetJob;
import dev.mien.spark.forget.Subject;
import dev.mien.spark.session.SparkSessions;
import dev.mien.spark.storage.WholeUri;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "forget",
    description =
        "Erases a person or a video: every row and every byte, in the dataset, its subsets, and the"
            + " embeddings tables that --embeddings names, and no others. Earlier versions of these"
            + " cannot be read afterwards, and later runs of mien preprocess leave the forgotten out."
            + " Runs that were trained on them, reports and logs stay as they are.",
    footer = Mien.FOOTER,
    mixinStandardHelpOptions = true)
final class ForgetCommand implements Callable<Integer> {

  @ArgGroup(multiplicity = "1")
  private Whom whom;

  @Mixin private DatasetOption dataset;

  @Option(
      names = "--embeddings",
      paramLabel = "URI",
      description = "An embeddings table to erase them from as well. May be repeated.")
  private List<String> embeddings = new ArrayList<>();

  @Option(
      names = "--run",
      paramLabel = "URI",
      description = "A run to ask whether it was trained on them. May be repeated.")
  private List<String> runs = new ArrayList<>();

  @ArgGroup private Instead instead = new Instead();

  @Mixin private ConfigurationOptions configuration;

  @Override
  public Integer call() throws IOException {
    MienConfiguration loaded = configuration.load();
    try (SparkSession spark = SparkSessions.openUnlogged("forget", loaded)) {
      ForgetJob job =
          new ForgetJob(spark, dataset.uri(spark), WholeUri.of(spark, embeddings), runs);
      Subject subject = whom.subject(spark);
      if (instead.lift) {
        job.lift(subject);
        System.out.println("The next mien preprocess may take in " + subject.name() + " again");
      } else {
        System.out.print((instead.dryRun ? job.plan(subject) : job.run(subject)).text());
      }
    }
    return 0;
  }

  private static final class Whom {

    @Option(names = "--person", paramLabel = "ID", description = "As in id00012.")
    private String person;

    @Option(
        names = "--video",
        paramLabel = "URI",
        description = "One video, by its URI in the dataset, or the path of its file.")
    private String video;

    private Subject subject(SparkSession spark) throws IOException {
      return person == null
          ? new Subject.Video(WholeUri.ofFile(spark.sessionState().newHadoopConf(), video))
          : new Subject.Person(person);
    }
  }

  private static final class Instead {

    @Option(names = "--dry-run", description = "Say what would go, and change nothing.")
    private boolean dryRun;

    @Option(
        names = "--lift",
        description = "Erase nothing, but let later runs take the forgotten in again.")
    private boolean lift;
  }
}
