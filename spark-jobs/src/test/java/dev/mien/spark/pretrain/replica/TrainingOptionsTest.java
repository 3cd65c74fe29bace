package dev.mien.spark.pretrain.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import com.google.gson.JsonObject;
import dev.mien.model.marlin.MarlinArchitecture;
import dev.mien.model.nn.Precision;
import dev.mien.model.objective.ClipBatch;
import dev.mien.model.objective.MaskStrategy;
import dev.mien.model.objective.Masks;
import dev.mien.model.objective.ObjectiveOptions;
import dev.mien.model.objective.ReconstructionTarget;
import dev.mien.model.optim.AdamWOptions;
import dev.mien.model.optim.DecayScope;
import dev.mien.model.optim.LearningRateSchedule;
import dev.mien.model.train.Execution;
import dev.mien.model.train.LocalTrainer;
import dev.mien.model.train.TrainingState;
import dev.mien.preprocessing.picture.FrameDecoder;
import dev.mien.preprocessing.picture.View;
import dev.mien.spark.LocalSpark;
import dev.mien.spark.config.AugmentationOptions;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.StoredRows;
import dev.mien.spark.dataset.TestDatasets;
import dev.mien.spark.dataset.clip.ClipIndex;
import dev.mien.spark.dataset.clip.ClipWindow;
import dev.mien.spark.dataset.clip.StoredClip;
import dev.mien.spark.pretrain.PretrainJob;
import dev.mien.spark.pretrain.sample.Sample;
import dev.mien.spark.pretrain.sample.SampleOrder;
import dev.mien.spark.pretrain.sample.Seeds;
import dev.mien.spark.run.Checkpoint;
import dev.mien.spark.run.Checkpoints;
import dev.mien.spark.run.MetricsLog;
import dev.mien.spark.storage.Patience;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** What a configuration says of training, and the same written out by hand. */
public class TrainingOptionsTest {

  private static final MienConfiguration CONFIGURATION =
      MienConfiguration.load(
          Optional.of("tiny"),
          Optional.empty(),
          List.of(
              "model { image = 56, patch = 14, frames = 2, encoder { width = 32, depth = 1,"
                  + " heads = 2 }, decoder { width = 16, depth = 1, heads = 2 } }",
              "objective { mask = random, mask-ratio = 0.75, decoder-mask-ratio = 0.5,"
                  + " target = normalised-pixels, adversarial-weight = 0.05,"
                  + " discriminator-steps = 2, generator-steps = 3, gradient-penalty = 0.5 }",
              "optimiser { learning-rate = 0.4, minimum-learning-rate = 0.1, beta1 = 0.8,"
                  + " beta2 = 0.9, epsilon = 1e-6, weight-decay = 0.05,"
                  + " decay-scope = every-parameter, gradient-clip = 0.02, warmup-epochs = 1,"
                  + " rate-change = every-epoch }",
              "training { replicas = 1, batch-size = 3, micro-batch = 2, local-steps = 3,"
                  + " epochs = 3, stride = 1, windows-per-clip = 1, seed = 31,"
                  + " validation-fraction = 0, precision = bfloat16,"
                  + " augmentation { flip = 0.5, crop = 0.5 } }"));

  private static final long SEED = 31;
  private static final int BATCH = 3;
  private static final int EPOCHS = 3;

  private static final MarlinArchitecture NETWORK =
      new MarlinArchitecture(56, 14, 2, 2, 32, 1, 2, 16, 1, 2);
  private static final ObjectiveOptions OBJECTIVE =
      new ObjectiveOptions(
          MaskStrategy.RANDOM,
          0.75,
          0.5,
          ReconstructionTarget.NORMALISED_PIXELS,
          new ObjectiveOptions.Adversary(0.05, 2, 3, 0.5));
  private static final AdamWOptions OPTIMISER =
      new AdamWOptions(0.4, 0.1, 0.8, 0.9, 1e-6, 0.05, 0.02, DecayScope.EVERY_PARAMETER);
  private static final AugmentationOptions AUGMENTATION = new AugmentationOptions(0.5, 0.5);
  private static final Execution EXECUTION = new Execution(Device.cpu(), Precision.BFLOAT16, 2);

  private SparkSession spark;
  private Configuration hadoop;
  private String dataset;
  private String run;

  @BeforeClass
  public void train() throws IOException {
    spark = LocalSpark.open(CONFIGURATION);
    hadoop = spark.sessionState().newHadoopConf();
    Path folder = Files.createTempDirectory("options");
    dataset = folder.resolve("dataset").toUri().toString();
    run = folder.resolve("run").toUri().toString();
    StoredRows.publish(
        spark,
        TestDatasets.empty(spark, dataset),
        StoredRows.processed("anna.mp4", "v-anna", "anna"),
        StoredRows.processed("ben.mp4", "v-ben", "ben"),
        StoredRows.processed("cleo.mp4", "v-cleo", "cleo"),
        StoredRows.processed("dan.mp4", "v-dan", "dan"));
    new PretrainJob(spark, CONFIGURATION).start(dataset, run);
  }

  @AfterClass(alwaysRun = true)
  public void stop() {
    spark.stop();
  }

  @Test
  public void aRunTrainsByAllThatItIsTold() throws IOException {
    Checkpoint trained =
        new Checkpoints(hadoop, run).newest(manifest -> {}, message -> {}).orElseThrow();

    TrainingState byHand = trainByHand();

    assertThat(trained.manifest().steps()).isEqualTo(byHand.steps()).isEqualTo(8);
    assertThat(trained.parameters()).isEqualTo(byHand.parameters());
    assertThat(trained.moments()).containsExactly(byHand.firstMoment(), byHand.secondMoment());
  }

  @Test
  public void aRoundSaysWhichShareOfItsTimeItWaited() throws IOException {
    List<JsonObject> lines = MetricsLog.read(hadoop, run);

    assertThat(lines).hasSize(3);
    for (JsonObject line : lines) {
      double waited = line.get("wait_seconds").getAsDouble();
      double trained = line.get("train_seconds").getAsDouble();
      assertThat(waited).isPositive();
      assertThat(trained).isPositive();
      assertThat(line.get("wait_share").getAsDouble())
          .isCloseTo(waited / (trained + waited), within(1e-9));
    }
  }

  private TrainingState trainByHand() throws IOException {
    SampleOrder order =
        new SampleOrder(
            ClipIndex.read(spark, FaceVideoDataset.open(spark, dataset)).clips(), SEED, 2, 1, 16);
    int samples = EPOCHS * order.epochSize();
    int steps = samples / BATCH;
    double perStep = BATCH / 256.0;
    LearningRateSchedule schedule =
        new LearningRateSchedule(
            0.4 * perStep,
            0.1 * perStep,
            order.epochSize() / BATCH,
            steps,
            (double) order.epochSize() / BATCH);
    try (LocalTrainer trainer = LocalTrainer.open(NETWORK, OBJECTIVE, OPTIMISER, EXECUTION)) {
      trainer.load(TrainingState.initial(NETWORK, SEED));
      for (int step = 0; step < steps; step++) {
        trainer.step(batch(order.samples((long) step * BATCH, BATCH)), schedule.at(step));
      }
      return trainer.state();
    }
  }

  private ClipBatch batch(List<Sample> samples) throws IOException {
    ByteBuffer pixels = ByteBuffer.allocateDirect(samples.size() * NETWORK.clipBytes());
    ByteArrayOutputStream flags = new ByteArrayOutputStream();
    ClipCache clips = new ClipCache(1 << 20);
    try (FrameDecoder decoder = new FrameDecoder()) {
      for (Sample sample : samples) {
        StoredClip clip = clips.clip(sample.location(), hadoop, Patience.NONE);
        View view =
            Augmentation.draw(
                AUGMENTATION, clip.height(), Seeds.derive(sample.maskSeed(), "augmentation"));
        ClipWindow window = new ClipWindow(clip, sample.start(), 2, 1);
        window.decode(decoder, view, 56, pixels);
        byte[] mask =
            Masks.draw(MaskStrategy.RANDOM, NETWORK, 0.75, window.regions(view), sample.maskSeed());
        flags.writeBytes(
            Masks.leaveOut(mask, NETWORK, 0.5, Seeds.derive(sample.maskSeed(), "decoder")));
      }
    }
    return new ClipBatch(
        samples.size(),
        pixels.flip(),
        flags.toByteArray(),
        samples.stream().map(Sample::clipId).toList());
  }
}
