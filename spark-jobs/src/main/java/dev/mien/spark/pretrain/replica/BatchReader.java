package dev.mien.spark.pretrain.replica;

import dev.mien.model.marlin.MarlinArchitecture;
import dev.mien.model.objective.ClipBatch;
import dev.mien.model.objective.Masks;
import dev.mien.preprocessing.clip.FrameDecoder;
import dev.mien.preprocessing.clip.View;
import dev.mien.spark.config.AugmentationOptions;
import dev.mien.spark.dataset.ClipWindow;
import dev.mien.spark.dataset.RowGroup;
import dev.mien.spark.dataset.StoredClip;
import dev.mien.spark.pretrain.sample.Sample;
import dev.mien.spark.pretrain.sample.Seeds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;

/**
 * Turns samples into batches, one batch ahead of the step that takes it, in two buffers that take
 * turns; between rounds, reads what the next one begins with. Close it.
 */
public final class BatchReader implements AutoCloseable {

  private final RunSpecification run;
  private final ClipCache cache;
  private final FrameDecoder decoder = new FrameDecoder();
  private final ExecutorService ahead =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "mien-batch-reader");
            thread.setDaemon(true);
            return thread;
          });
  private final ByteBuffer[] buffers = new ByteBuffer[2];
  private volatile boolean idle;

  /** Reads nothing yet. */
  public BatchReader(RunSpecification run, ClipCache cache) {
    this.run = run;
    this.cache = cache;
    int capacity = run.training().batchSize() * run.architecture().clipBytes();
    Arrays.setAll(buffers, i -> ByteBuffer.allocateDirect(capacity));
  }

  /**
   * Hands over each batch of {@code batchSize} samples, the last one perhaps smaller, and all that
   * unreadable shards leave samples out of.
   */
  public void forEach(List<Sample> samples, Configuration hadoop, BatchConsumer consumer)
      throws IOException {
    forEach(samples, AugmentationOptions.none(), hadoop, consumer);
  }

  /** The same, each sample varied as it is drawn from its own seed. */
  public void forEach(
      List<Sample> samples,
      AugmentationOptions augmentation,
      Configuration hadoop,
      BatchConsumer consumer)
      throws IOException {
    idle = false;
    int size = run.training().batchSize();
    Future<Optional<ClipBatch>> next = read(samples, 0, augmentation, hadoop);

    for (int from = 0; from < samples.size(); from += size) {
      long asked = System.nanoTime();
      Optional<ClipBatch> batch = await(next);
      long waited = System.nanoTime() - asked;
      if (from + size < samples.size()) {
        next = read(samples, from + size, augmentation, hadoop);
      }
      batch.ifPresent(read -> consumer.accept(read, waited));
    }
  }

  /** Reads row groups into the cache until a batch is wanted. Does not wait. */
  public void prefetch(List<RowGroup> rowGroups, Configuration hadoop) {
    idle = true;
    ahead.execute(() -> cache.prefetch(rowGroups, hadoop, () -> idle));
  }

  /** Takes a batch, which is valid until it returns, and the nanoseconds it was waited for. */
  @FunctionalInterface
  public interface BatchConsumer {
    void accept(ClipBatch batch, long waitedNanos);
  }

  @Override
  public void close() {
    idle = false;
    ahead.shutdownNow();
    if (ended()) {
      decoder.close();
    } else { // a reader that hangs may still come to use the decoder
      cache.forgetReads();
    }
  }

  private boolean ended() {
    try {
      return ahead.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private Future<Optional<ClipBatch>> read(
      List<Sample> samples, int from, AugmentationOptions augmentation, Configuration hadoop) {
    int size = run.training().batchSize();
    ByteBuffer buffer = buffers[from / size % 2];
    List<Sample> batch = samples.subList(from, Math.min(samples.size(), from + size));
    return ahead.submit(() -> read(batch, augmentation, buffer, hadoop));
  }

  private Optional<ClipBatch> read(
      List<Sample> samples,
      AugmentationOptions augmentation,
      ByteBuffer pixels,
      Configuration hadoop)
      throws IOException {
    MarlinArchitecture architecture = run.architecture();
    byte[] visible = new byte[samples.size() * architecture.tokens()];
    List<String> clipIds = new ArrayList<>(samples.size());
    pixels.clear();

    for (Sample sample : samples) {
      Optional<byte[]> mask = add(sample, augmentation, pixels, hadoop);
      if (mask.isPresent()) {
        int tokens = architecture.tokens();
        System.arraycopy(mask.get(), 0, visible, clipIds.size() * tokens, tokens);
        clipIds.add(sample.clipId());
      }
    }

    int read = clipIds.size();
    if (read == 0) {
      return Optional.empty();
    }
    byte[] flags = Arrays.copyOf(visible, read * architecture.tokens());
    return Optional.of(new ClipBatch(read, pixels.flip(), flags, clipIds));
  }

  /**
   * Adds a sample's pixels to those before it, and draws its mask; none when it cannot be read and
   * the run is to go on without.
   */
  private Optional<byte[]> add(
      Sample sample, AugmentationOptions augmentation, ByteBuffer pixels, Configuration hadoop)
      throws IOException {
    int before = pixels.position();
    try {
      return Optional.of(draw(sample, cache.clip(sample.location(), hadoop), augmentation, pixels));
    } catch (IOException e) {
      pixels.position(before);
      return switch (run.training().unreadableShards()) {
        case STOP -> throw e;
        case SKIP -> Optional.empty();
      };
    }
  }

  private byte[] draw(
      Sample sample, StoredClip clip, AugmentationOptions augmentation, ByteBuffer pixels)
      throws IOException {
    MarlinArchitecture architecture = run.architecture();
    View view =
        Augmentation.draw(
            augmentation, clip.height(), Seeds.derive(sample.maskSeed(), "augmentation"));
    try {
      ClipWindow window =
          new ClipWindow(clip, sample.start(), architecture.frames(), run.training().stride());
      window.decode(decoder, view, architecture.image(), pixels);
      byte[] mask =
          Masks.draw(
              run.objective().mask(),
              architecture,
              run.objective().maskRatio(),
              window.regions(view),
              sample.maskSeed());
      return Masks.leaveOut(
          mask,
          architecture,
          run.objective().decoderMaskRatio(),
          Seeds.derive(sample.maskSeed(), "decoder"));
    } catch (RuntimeException e) { // whatever is wrong with what is stored
      RowGroup rowGroup = sample.location().rowGroup();
      throw new IOException(
          "Cannot decode clip %s in row group %d of %s: %s"
              .formatted(
                  sample.clipId(),
                  rowGroup.position(),
                  rowGroup.file(),
                  e instanceof IllegalArgumentException ? e.getMessage() : e),
          e);
    }
  }

  private static Optional<ClipBatch> await(Future<Optional<ClipBatch>> batch) throws IOException {
    try {
      return batch.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      throw new IllegalStateException("Cannot read a batch: " + e.getCause().getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while reading a batch", e);
    }
  }
}
