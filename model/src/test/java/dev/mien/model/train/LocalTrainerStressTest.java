package dev.mien.model.train;

import static dev.mien.model.train.Batches.adversarial;
import static dev.mien.model.train.Batches.batch;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.model.objective.ClipBatch;
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
