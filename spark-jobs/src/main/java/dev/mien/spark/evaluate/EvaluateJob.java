package dev.mien.spark.evaluate;

import static org.apache.spark.sql.functions.col;

import dev.mien.spark.config.EvaluationOptions;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.config.TrainingOptions;
import dev.mien.spark.dataset.EvenChoice;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.clip.ChosenClips;
import dev.mien.spark.dataset.clip.ClipEntry;
import dev.mien.spark.dataset.clip.ClipWindow;
import dev.mien.spark.pretrain.sample.Holdout;
import dev.mien.spark.pretrain.sample.RunParts;
import dev.mien.spark.resident.TaskDevice;
import dev.mien.spark.run.Checkpoints;
import dev.mien.spark.run.CodeVersion;
import dev.mien.spark.run.Manifest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Evaluates a frozen encoder by linear probes on its embeddings. The probes are fitted on the clips
 * that the run trained on and scored on those that it held out, so neither encoder nor probe has
 * seen the tracks that they are scored on.
 */
public final class EvaluateJob {

  /**
   * Share of a clip's frames, from 0 to 1, in which the landmark model must have seen a face.
   * Landmarks of other frames are no ground truth, and in a track up to three quarters may be such.
   */
  static final double LEAST_SEEN = 0.75;

  /** Bound on the windows of each part, whose pixels the driver receives: 38 KB of each. */
  static final int MOST_WINDOWS = 12_000;

  private static final int CLIPS_IN_TASK = 16;

  private static final Comparator<Row> IN_ORDER =
      Comparator.comparing((Row window) -> window.<String>getAs("clip_id"))
          .thenComparing(window -> window.<Integer>getAs("first_frame"));

  private final SparkSession spark;
  private final Configuration hadoop;
  private final MienConfiguration configuration;

  public EvaluateJob(SparkSession spark, MienConfiguration configuration) {
    this.spark = spark;
    this.hadoop = spark.sessionState().newHadoopConf();
    this.configuration = configuration;
  }

  /**
   * Probes for head yaw and pitch, mouth opening and eye opening.
   *
   * @param modelUri folder of a run or of a checkpoint
   * @throws IllegalArgumentException when the chosen clips have too many windows, there are too few
   *     tracks to fit or to score on, or Spark gives tasks no GPU although the configuration asks
   *     for one
   */
  public Evaluation run(String datasetUri, String modelUri) throws IOException {
    TaskDevice.requireGiven(
        spark.sparkContext().getConf(), "training.device", configuration.training().device());
    // All tasks look at the same checkpoint, even if the run goes on.
    String checkpoint = Checkpoints.resolve(hadoop, modelUri).toString();
    Checkpoints.Model model = Checkpoints.model(hadoop, checkpoint);
    Manifest manifest = model.manifest();
    TrainingOptions training = MienConfiguration.parse(manifest.configuration()).training();
    RunParts run = RunParts.open(spark, datasetUri, manifest);
    FaceVideoDataset dataset = run.dataset();
    Set<String> hidden = unseen(dataset);
    Holdout parts = run.parts().only(clip -> !hidden.contains(clip.clipId()));
    int unseen = clips(run.parts()) - clips(parts);
    int span = ClipWindow.span(model.architecture().frames(), training.stride());
    List<ClipEntry> clipsToFit = chosen(parts.training(), span);
    List<ClipEntry> clipsToJudge = chosen(parts.validation(), span);
    List<ProbedWindow> toFit = windows(dataset, checkpoint, training, parts, clipsToFit);
    List<ProbedWindow> toJudge = windows(dataset, checkpoint, training, parts, clipsToJudge);
    List<ProbedWindow> fitted = toFit.stream().filter(ProbedWindow::isMeasured).toList();
    List<ProbedWindow> heldOut = toJudge.stream().filter(ProbedWindow::isMeasured).toList();
    if (heldOut.isEmpty() || fitted.isEmpty()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "No windows to %s with: of %d clips the run held out %d, and in %d a face is seen in less"
                  + " than %.0f %% of the frames (train on more people or tracks, or hold out more of"
                  + " them by training.validation-fraction, which was %s)",
              fitted.isEmpty() ? "fit" : "judge",
              clips(run.parts()),
              run.parts().validation().size(),
              unseen,
              100 * LEAST_SEEN,
              training.validation().fraction()));
    }

    Map<String, String> provenance = new TreeMap<>();
    provenance.put("code", CodeVersion.current());
    provenance.put("dataset", datasetUri);
    provenance.put("dataset_version", Long.toString(dataset.version().videos()));
    provenance.put("model", checkpoint);
    provenance.put("model_code", manifest.code());
    provenance.put("trained_on", manifest.dataset());
    provenance.put("trained_on_version", Long.toString(manifest.datasetVersion()));
    provenance.put("doubt", run.doubt());
    provenance.put("round", Long.toString(manifest.round()));
    provenance.put("seed", Long.toString(manifest.seed()));
    provenance.put("held_out", parts.unit().label());
    provenance.put("settings", configuration.evaluation().toString());
    return new Evaluation(
        provenance,
        new Evaluation.Counts(
            unseen,
            tracks(fitted),
            tracks(heldOut),
            fitted.size(),
            heldOut.size(),
            (long) toFit.size() + toJudge.size() - fitted.size() - heldOut.size()),
        model.architecture().encoderWidth(),
        AttributeProbe.run(fitted, heldOut, parts.unit(), configuration.evaluation()));
  }

  /** Ids of clips whose landmarks are no ground truth. */
  private static Set<String> unseen(FaceVideoDataset dataset) {
    return Set.copyOf(
        dataset
            .clips()
            .where(col("quality.landmark_share").lt(LEAST_SEEN))
            .select("clip_id")
            .as(Encoders.STRING())
            .collectAsList());
  }

  private static int clips(Holdout parts) {
    return parts.training().size() + parts.validation().size();
  }

  /** Evenly chosen clips of a part, in the order of their ids. */
  private List<ClipEntry> chosen(List<ClipEntry> clips, int span) {
    EvaluationOptions options = configuration.evaluation();
    List<ClipEntry> chosen =
        EvenChoice.of(
            clips.stream().sorted(Comparator.comparing(ClipEntry::clipId)).toList(),
            options.clips());
    long windows =
        chosen.stream()
            .flatMapToInt(clip -> ProbeWindows.starts(clip.frames(), span, options.windowStep()))
            .count();
    if (windows > MOST_WINDOWS) {
      throw new IllegalArgumentException(
          ("Invalid evaluation.window-step: %d (%d clips have %d windows at this step, and the"
                  + " driver can hold %d; raise it, or lower evaluation.clips, which is %d)")
              .formatted(
                  options.windowStep(), chosen.size(), windows, MOST_WINDOWS, options.clips()));
    }
    return chosen;
  }

  /** The windows of some clips, in the order of clips and frames. */
  private List<ProbedWindow> windows(
      FaceVideoDataset dataset,
      String checkpoint,
      TrainingOptions training,
      Holdout parts,
      List<ClipEntry> clips) {
    Map<String, String> names =
        clips.stream().collect(Collectors.toMap(ClipEntry::clipId, parts::nameOf));
    spark
        .sparkContext()
        .setJobDescription("Evaluate " + checkpoint + ": " + clips.size() + " clips");
    ProbeWindows task =
        new ProbeWindows(
            checkpoint,
            training.stride(),
            configuration.evaluation().windowStep(),
            configuration.training().device(),
            new SerializableConfiguration(hadoop));
    return ChosenClips.read(dataset, names.keySet())
        .select("clip_id", "track_id", "frames", "height", "width", "format", "images", "landmarks")
        .repartition(tasks(clips.size()))
        .mapPartitions(task, Encoders.row(ProbeWindows.WINDOW))
        .collectAsList()
        .stream() // sorted here, since Spark would embed everything twice to sort it
        .sorted(IN_ORDER)
        .map(row -> window(row, names))
        .toList();
  }

  /** The number of tasks: opening two networks costs as much as several clips. */
  private int tasks(int clips) {
    return Math.min(spark.sparkContext().defaultParallelism(), clips / CLIPS_IN_TASK + 1);
  }

  private static ProbedWindow window(Row row, Map<String, String> names) {
    List<byte[]> features = row.getList(row.fieldIndex("features"));
    List<Double> attributes = row.getList(row.fieldIndex("attributes"));
    return new ProbedWindow(
        row.getAs("clip_id"),
        row.getAs("track_id"),
        names.get(row.<String>getAs("clip_id")),
        features.stream().map(EvaluateJob::doubles).toList(),
        attributes.stream().mapToDouble(Double::doubleValue).toArray());
  }

  private static double[] doubles(byte... floats) {
    FloatBuffer values = ByteBuffer.wrap(floats).asFloatBuffer();
    return IntStream.range(0, values.limit()).mapToDouble(values::get).toArray();
  }

  private static long tracks(List<ProbedWindow> windows) {
    return windows.stream().map(ProbedWindow::trackId).distinct().count();
  }
}
