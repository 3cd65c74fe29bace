package dev.mien.spark.cli;

import dev.mien.spark.run.ModelExport;
import dev.mien.spark.session.FileModes;
import dev.mien.spark.storage.WholeUri;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "export",
    description = "Writes a trained model for PyTorch, Transformers or DJL to load.",
    footer = Mien.FOOTER,
    mixinStandardHelpOptions = true)
final class ExportCommand implements Callable<Integer> {

  @Option(
      names = "--run",
      required = true,
      paramLabel = "URI",
      description = "Folder of a run, of which the newest checkpoint is taken, or of a checkpoint.")
  private String run;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "safetensors",
      description =
          "safetensors (encoder, decoder and discriminator by the authors' names, for PyTorch),"
              + " huggingface (the encoder for the authors' port) or djl (the encoder as a DJL model"
              + " directory). Default: ${DEFAULT-VALUE}.")
  private ModelExport.Format format;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "URI",
      description =
          "Folder of the files; an export that is there is replaced. Without a scheme, such as file:, it is of Hadoop's"
              + " default file system.")
  private String output;

  @Override
  public Integer call() throws IOException {
    WholeUri.requireMeant(output);
    Configuration hadoop = FileModes.hadoop();
    ModelExport.write(hadoop, run, format, output);
    System.out.printf("Exported %s to %s%n", run, WholeUri.qualified(hadoop, new Path(output)));
    return 0;
  }
}
