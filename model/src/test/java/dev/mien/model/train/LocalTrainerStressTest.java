package dev.mien.model.train;

import static dev.mien.model.train.Batches.adversarial;
import static dev.mien.model.train.Batches.batch;
import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import dev.mien.model.nn.Precision;
import dev.mien.model.objective.ClipBatch;
import dev.mien.model.objective.MaskStrategy;
import dev.mien.model.objective.ObjectiveOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.testng.annotations.Test;

/** What native memory and threads could break. */
public class LocalTrainerStressTest {
  private static final int STEPS = 40;

  @Test
  public void twoTrainersAtOnceGiveTheBitsOfOneAlone()
      throws InterruptedException, ExecutionException {
    TrainingState alone = run();
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      Future<TrainingState> first = threads.submit(LocalTrainerStressTest::run);
      Future<TrainingState> second = threads.submit(LocalTrainerStressTest::run);
      assertThat(first.get().equals(alone)).isTrue();
      assertThat(second.get().equals(alone)).isTrue();
    } finally {
      threads.shutdown();
    }
  }

  @Test
  public void garbageCollectionDoesNotChangeAGradient() throws InterruptedException {
    TrainingState quiet = run();
    var stop = new AtomicBoolean();
    var collector =
        new Thread(
            () -> {
              while (!stop.get()) {
                System.gc();
              }
            });
    collector.start();
    try {
      assertThat(run().equals(quiet)).isTrue();
    } finally {
      stop.set(true);
      collector.join();
    }
  }

  @Test
  public void memoryIsFlatOverSteps() throws IOException {
    // the same few batches, so that Java's heap has no cause to grow
    List<ClipBatch> batches = LongStream.range(0, 4).mapToObj(seed -> batch(4, seed)).toList();
    try (LocalTrainer trainer = adversarial()) {
      steps(trainer, batches, 100);
      System.gc();
      long before = residentBytes();
      steps(trainer, batches, 1000);
      System.gc();
      // leaking one batch a step would be 50 MB, leaking one parameter vector more
      assertThat(residentBytes() - before).isLessThan(before / 50);
    }
  }

  @Test
  public void aBatchInPartsTakesThePartsMemory() throws IOException {
    ClipBatch batch = batch(1000, 3);
    long targets = 1000L * 24 * Batches.TINY.patchValues() * Float.BYTES; // 37 MB
    var objective = new ObjectiveOptions(MaskStrategy.RANDOM, Batches.RATIO, 0);
    var execution = new Execution(Device.cpu(), Precision.FLOAT32, 4);
    try (LocalTrainer trainer =
        LocalTrainer.open(Batches.TINY, objective, Batches.OPTIMISER, execution)) {
      trainer.load(TrainingState.initial(Batches.TINY, 42));
      trainer.evaluate(batch(4, 3));
      Files.writeString(Path.of("/proc/self/clear_refs"), "5"); // the peak starts again from here
      long before = residentBytes();
      trainer.evaluate(batch);
      // predictions and targets of all clips at once would be twice that
      assertThat(peakBytes() - before).isLessThan(targets);
    }
  }

  private static long peakBytes() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmHWM:")) {
        return 1024 * Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    throw new IOException("No VmHWM in /proc/self/status");
  }

  private static void steps(LocalTrainer trainer, List<ClipBatch> batches, int count) {
    for (int step = 0; step < count; step++) {
      trainer.step(batches.get(step % batches.size()), 1e-3);
    }
  }

  private static TrainingState run() {
    try (LocalTrainer trainer = adversarial()) {
      steps(trainer, 0, STEPS);
      return trainer.state();
    }
  }

  private static void steps(LocalTrainer trainer, int from, int to) {
    for (int step = from; step < to; step++) {
      trainer.step(batch(4, step), 1e-3);
    }
  }

  private static long residentBytes() throws IOException {
    String pages = Files.readString(Path.of("/proc/self/statm")).split(" ", -1)[1];
    return Long.parseLong(pages) * 4096;
  }
}
