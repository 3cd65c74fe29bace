package dev.mien.spark.preprocess;

import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.DatasetFiles;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.Tables;
import dev.mien.spark.forget.Forgotten;
import dev.mien.spark.preprocess.PlannedVideo.Change;
import dev.mien.spark.preprocess.listing.FoundVideos;
import dev.mien.spark.preprocess.listing.VideoSource;
import dev.mien.spark.progress.FirstLine;
import dev.mien.spark.progress.Progress;
import dev.mien.spark.storage.NewFolder;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.LongAccumulator;

/**
 * Preprocesses the videos that the dataset does not have yet, or has in another state or by other
 * settings, and publishes each batch of them in one commit. Of two jobs that publish at once, one
 * goes first, and the other publishes the same rows again on top.
 */
public final class PreprocessJob {

  private final SparkSession spark;
  private final JavaSparkContext context;
  private final Configuration hadoop;
  private final MienConfiguration configuration;
  private final String pipeline;

  public PreprocessJob(SparkSession spark, MienConfiguration configuration) {
    this.spark = spark;
    this.context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    this.hadoop = spark.sessionState().newHadoopConf();
    this.configuration = configuration;
    this.pipeline = configuration.preprocessing().fingerprint();
  }

  /**
   * Preprocesses what is new and returns what became of it.
   *
   * @param uri the dataset's, which is created where there is none
   * @throws IOException when an input cannot be listed
   * @throws IllegalArgumentException when there is no video, or no dataset can be made at the URI
   * @throws UnfinishedRunException when something fails later, with what was done until then
   */
  public PreprocessSummary run(PreprocessInputs inputs, String uri) throws IOException {
    long start = System.nanoTime();
    FoundVideos inputVideos = find(inputs);
    Collection<VideoSource> all = inputVideos.videos();
    Path folder = new Path(uri);
    NewFolder.make(
        folder.getFileSystem(hadoop),
        folder,
        "Invalid --dataset: %s (no folder can be made there: name another)".formatted(uri));
    FaceVideoDataset.openOrCreate(spark, uri);
    // During an erasure, nothing that is decoded meanwhile could be published.
    FaceVideoDataset dataset = PublicationRetry.open(spark, uri);
    Collection<VideoSource> found = withoutForgotten(all, uri);
    DatasetFiles files = new DatasetFiles(hadoop, uri);
    files.keepSettings(pipeline, configuration.preprocessing().description());
    PreprocessPlan plan = PreprocessPlan.of(spark, found, Optional.of(dataset), pipeline, inputs);
    System.out.print(PlanText.otherSettings(plan, files, configuration.preprocessing()));

    SummaryTally tally = new SummaryTally(dataset.version());
    tally.addUnlisted(inputVideos.unlisted());
    tally.addOtherFiles(inputVideos.otherFiles());
    tally.addForgotten(all.size() - found.size());
    tally.addKept(plan.kept());
    tally.leaveUnchanged(plan.unchanged());
    try {
      work(inputs, plan, found, dataset, tally);
      tally.finish();
    } catch (Exception | FSError failure) {
      // Exception, since Scala's code throws checked ones and declares none.
      PreprocessSummary summary = tally.summary(pipeline, secondsSince(start));
      try {
        keep(summary, dataset, files);
      } catch (IOException | RuntimeException e) {
        failure.addSuppressed(e);
      }
      throw new UnfinishedRunException(summary, failure);
    }

    PreprocessSummary summary = tally.summary(pipeline, secondsSince(start));
    try {
      keep(summary, dataset, files);
    } catch (IOException | RuntimeException e) {
      System.out.println("Cannot keep the summary in " + uri + ": " + FirstLine.of(e));
    }
    return summary;
  }

  private void work(
      PreprocessInputs inputs,
      PreprocessPlan plan,
      Collection<VideoSource> found,
      FaceVideoDataset before,
      SummaryTally tally) {
    FaceVideoDataset dataset = before;
    String uri = dataset.uri();
    Set<String> touched = new HashSet<>();
    List<PlannedVideo> left =
        plan.videos().stream().filter(PlannedVideo::isPerhapsTouched).toList();
    while (!left.isEmpty()) {
      List<PlannedVideo> batch = TouchedVideos.first(left, tasksAtOnce());
      List<VideoSource> same = TouchedVideos.among(context, hadoop, batch);
      if (!same.isEmpty()) {
        dataset = refresh(same, uri);
        tally.addRefreshed(same.size());
        tally.reach(dataset.version());
      }
      same.forEach(video -> touched.add(video.uri()));
      left = left.subList(batch.size(), left.size());
    }
    dataset =
        preprocess(
            plan.videos().stream()
                .filter(video -> !touched.contains(video.source().uri()))
                .toList(),
            plan.costs(),
            inputs.boxes(),
            dataset,
            tally);
    if (dataset.version().videos() != before.version().videos()) {
      if (plan.mayFreeCopies()) {
        List<PlannedVideo> freed = freed(found, inputs, dataset);
        tally.leaveUnchanged(plan.unchangedBut(freed));
        dataset = preprocess(freed, plan.costs(), inputs.boxes(), dataset, tally);
      }
      context.setJobDescription("Gather small files of " + dataset.uri());
      FaceVideoDataset compacted = dataset.compact(configuration.dataset().fileSize());
      if (compacted != dataset) {
        tally.reach(compacted.version());
      }
    }
  }

  /** Videos that were rejected as copies of a video that this run has changed. */
  private List<PlannedVideo> freed(
      Collection<VideoSource> found, PreprocessInputs inputs, FaceVideoDataset dataset) {
    return PreprocessPlan.of(spark, found, Optional.of(dataset), pipeline, inputs).videos().stream()
        .filter(video -> video.change() == Change.FREED)
        .toList();
  }

  /** Keeps the summary with the dataset, without names: they would stay when somebody is erased. */
  private static void keep(PreprocessSummary summary, FaceVideoDataset before, DatasetFiles files)
      throws IOException {
    if (summary.datasetVersion() != before.version().videos()) {
      files.keepSummary(summary.datasetVersion(), summary.namelessJson());
    }
  }

  /**
   * How many tasks the present executors run at once. The default parallelism would say nothing of
   * their disks.
   */
  private int tasksAtOnce() {
    SparkContext spark = context.sc();
    return Math.max(
        1, spark.maxNumConcurrentTasks(spark.resourceProfileManager().defaultResourceProfile()));
  }

  private static double secondsSince(long start) {
    return (System.nanoTime() - start) * 1e-9;
  }

  /** Says what {@link #run} would do, and what it would take; nothing is written. */
  public String plan(PreprocessInputs inputs, String uri) throws IOException {
    FoundVideos inputVideos = find(inputs);
    Collection<VideoSource> found = withoutForgotten(inputVideos.videos(), uri);
    Optional<FaceVideoDataset> dataset =
        FaceVideoDataset.exists(spark, uri)
            ? Optional.of(FaceVideoDataset.open(spark, uri))
            : Optional.empty();
    PreprocessPlan plan = PreprocessPlan.of(spark, found, dataset, pipeline, inputs);
    return PlanText.of(plan, new DatasetFiles(hadoop, uri), configuration.preprocessing())
        + PlanText.otherFiles(inputVideos.otherFiles())
        + PlanText.unlisted(inputVideos.unlisted());
  }

  private Collection<VideoSource> withoutForgotten(Collection<VideoSource> all, String uri) {
    Forgotten forgotten = Forgotten.read(spark, uri);
    return all.stream()
        .filter(video -> !forgotten.includes(video.uri(), video.labels().person()))
        .toList();
  }

  private FoundVideos find(PreprocessInputs inputs) throws IOException {
    if (inputs.boxes().isPresent()) {
      Path boxes = new Path(inputs.boxes().get());
      if (!boxes.getFileSystem(hadoop).exists(boxes)) {
        throw new FileNotFoundException(
            "Nothing at --boxes %s (must be a folder of <person>/<video>/<utterance>.txt)"
                .formatted(boxes));
      }
    }
    return FoundVideos.at(spark, inputs.trees(), inputs.lists());
  }

  /** Updates the modification time of videos that were only touched. */
  private FaceVideoDataset refresh(List<VideoSource> touched, String uri) {
    List<Row> times =
        touched.stream().map(video -> RowFactory.create(video.uri(), video.modified())).toList();
    StructType columns =
        new StructType().add("uri", DataTypes.StringType).add("modified", DataTypes.LongType);
    String[] names = Tables.VIDEOS.fieldNames();
    return PublicationRetry.publish(
        spark,
        uri,
        dataset ->
            dataset.refresh(
                dataset
                    .videos()
                    .drop("modified")
                    .join(spark.createDataFrame(times, columns), "uri")
                    .select(names[0], Arrays.copyOfRange(names, 1, names.length))));
  }

  private FaceVideoDataset preprocess(
      List<PlannedVideo> videos,
      Costs guessed,
      Optional<String> boxes,
      FaceVideoDataset dataset,
      SummaryTally tally) {
    if (videos.isEmpty()) {
      return dataset;
    }

    VideoBatches batches = new VideoBatches(spark, configuration, boxes, dataset.uri());
    LongAccumulator done = spark.sparkContext().longAccumulator("videos preprocessed");
    FaceVideoDataset published = dataset;
    try (Progress progress = Progress.start("Preprocess", "videos", 0, videos.size());
        TaskWatch watch = new TaskWatch(progress, done)) {
      spark.sparkContext().addSparkListener(watch);
      try {
        List<PlannedVideo> left = videos;
        while (!left.isEmpty()) {
          // By what this run has seen so far: its videos may be unlike those of the dataset.
          Costs costs = tally.costs(guessed);
          List<PlannedVideo> batch = VideoBatches.first(left, configuration, costs, tasksAtOnce());
          published = batches.publish(batch, costs, watch, done, tally);
          left = left.subList(batch.size(), left.size());
        }
      } finally {
        spark.sparkContext().removeSparkListener(watch);
      }
      progress.reach(videos.size(), "published");
    }
    return published;
  }
}
