package dev.mien.spark.cli;

import dev.mien.model.marlin.MarlinStateDict;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.run.Checkpoints;
import dev.mien.spark.run.InitialWeights;
import dev.mien.spark.run.Manifest;
import dev.mien.spark.run.ModelFolder;
import dev.mien.spark.session.FileModes;
import dev.mien.spark.storage.WholeUri;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "import",
    description = "Makes a checkpoint of weights from elsewhere, to embed with or to train on.",
    footer = Mien.FOOTER,
    mixinStandardHelpOptions = true)
final class ImportCommand implements Callable<Integer> {

  @Option(
      names = "--weights",
      required = true,
      paramLabel = "URI",
      description =
          "MARLIN's weights by its authors' names: safetensors, or a PyTorch state dict (.pt,"
              + " .ckpt), whose pickle is read without running anything. The preset must be that of"
              + " the network.")
  private String weights;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "URI",
      description =
          "Folder of the checkpoint, whose files are replaced. Without a scheme, such as file:, it is of"
              + " Hadoop's default file system.")
  private String output;

  @Mixin private ConfigurationOptions configuration;

  @Override
  public Integer call() throws IOException {
    WholeUri.requireMeant(output);
    MienConfiguration loaded = configuration.load();
    Configuration hadoop = FileModes.hadoop();
    ModelFolder.requireForImport(hadoop, output);
    InitialWeights initial = InitialWeights.read(hadoop, weights);
    MarlinStateDict.Loaded model = initial.load(loaded);
    Manifest manifest = Manifest.imported(loaded, initial.origin());
    Checkpoints.writeModel(hadoop, output, manifest, model.parameters());
    System.out.print(initial.text(model));
    System.out.println("Imported to " + WholeUri.qualified(hadoop, new Path(output)));
    return 0;
  }
}
