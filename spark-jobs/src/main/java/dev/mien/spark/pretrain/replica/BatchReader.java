package dev.mien.spark.pretrain.replica;

import dev.mien.model.objective.ClipBatch;
import dev.mien.spark.config.AugmentationOptions;
import dev.mien.spark.config.UnreadableShards;
import dev.mien.spark.dataset.clip.RowGroup;
import dev.mien.spark.pretrain.sample.Sample;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;

/**
 * Turns samples into batches, one batch ahead of the training step, in two buffers that are used in
 * turn. Meanwhile it reads the row groups of later batches and, between rounds, those that the next
 * round begins with, several at once, since storage may take longer to answer than a step takes.
 * Close it.
 */
public final class BatchReader implements AutoCloseable {

  private final RunSpecification run;
  private final ClipCache cache;

  /** One decoder per thread. The first thread makes the batches, and the others help it. */
  private final List<SampleDecoder> decoders;

  private final ExecutorService ahead =
      Executors.newSingleThreadExecutor(daemons("mien-batch-reader"));
  private final ExecutorService others =
      Executors.newCachedThreadPool(daemons("mien-sample-decoder"));
  private final ExecutorService rowGroupReaders;

  /** Row groups to be read ahead; whichever thread is free takes the next one. */
  private final Queue<RowGroup> wanted = new ConcurrentLinkedQueue<>();

  private final ByteBuffer[] buffers = new ByteBuffer[2];
  private volatile String leftOut = "";

  /**
   * Reads nothing yet.
   *
   * @param threads that decode a batch and read what it needs; as many again read ahead. Batches do
   *     not depend on the number
   */
  public BatchReader(RunSpecification run, ClipCache cache, int threads) {
    this.run = run;
    this.cache = cache;
    this.decoders = Stream.generate(() -> new SampleDecoder(run, cache)).limit(threads).toList();
    this.rowGroupReaders = Executors.newFixedThreadPool(threads, daemons("mien-row-group-reader"));
    int capacity = run.training().batchSize() * run.architecture().clipBytes();
    Arrays.setAll(buffers, i -> ByteBuffer.allocateDirect(capacity));
  }

  private static ThreadFactory daemons(String name) {
    return task -> {
      Thread thread = new Thread(task, name);
      thread.setDaemon(true);
      return thread;
    };
  }

  /**
   * Hands over each batch of {@code batchSize} samples. The last one may be smaller, and samples of
   * unreadable shards are missing from all.
   */
  public void forEach(List<Sample> samples, Configuration hadoop, BatchConsumer consumer)
      throws IOException {
    forEach(samples, AugmentationOptions.none(), hadoop, consumer);
  }

  /** Hands over each batch, with each sample augmented by a seed of its own. */
  public void forEach(
      List<Sample> samples,
      AugmentationOptions augmentation,
      Configuration hadoop,
      BatchConsumer consumer)
      throws IOException {
    wanted.clear();
    leftOut = "";
    int size = run.training().batchSize();
    RowGroupsAhead rowGroups = new RowGroupsAhead(samples);
    Future<Optional<ClipBatch>> next = read(samples, 0, augmentation, hadoop);

    for (int from = 0; from < samples.size(); from += size) {
      readAhead(rowGroups.after(from + size, mostAhead()), hadoop);
      long asked = System.nanoTime();
      Optional<ClipBatch> batch = await(next);
      long waited = System.nanoTime() - asked;
      if (from + size < samples.size()) {
        next = read(samples, from + size, augmentation, hadoop);
      }
      batch.ifPresent(read -> consumer.accept(read, waited));
    }
  }

  /**
   * What was wrong with one of the samples that were left out of the batches since the last call of
   * {@code forEach}; empty when none were.
   */
  public String leftOut() {
    return leftOut;
  }

  /**
   * Reads row groups into the cache in this order, as many as fill half of it, until a batch is
   * wanted. Does not wait.
   */
  public void prefetch(List<RowGroup> rowGroups, Configuration hadoop) {
    readAhead(rowGroups.subList(0, Math.min(rowGroups.size(), cache.roomAhead())), hadoop);
  }

  /**
   * The row groups that are shuffled together are needed at once, so as many are read ahead if the
   * cache has room.
   */
  private int mostAhead() {
    return Math.min(run.training().reading().shuffleRowGroups(), cache.roomAhead());
  }

  private void readAhead(List<RowGroup> rowGroups, Configuration hadoop) {
    wanted.addAll(rowGroups);
    for (int i = 0; i < rowGroups.size(); i++) {
      rowGroupReaders.execute(
          () ->
              Optional.ofNullable(wanted.poll())
                  .ifPresent(rowGroup -> cache.readAhead(rowGroup, hadoop)));
    }
  }

  /**
   * Takes a batch, which is valid until this returns, and the nanoseconds that were spent waiting
   * for it.
   */
  @FunctionalInterface
  public interface BatchConsumer {
    void accept(ClipBatch batch, long waitedNanos);
  }

  @Override
  public void close() {
    wanted.clear();
    List<ExecutorService> decoding = List.of(ahead, others);
    decoding.forEach(ExecutorService::shutdownNow);
    rowGroupReaders.shutdownNow();
    boolean decoded = decoding.stream().allMatch(BatchReader::ended);
    if (decoded) { // a thread that hangs may come back and use its decoder
      decoders.forEach(SampleDecoder::close);
    }
    if (!decoded || !ended(rowGroupReaders)) {
      cache.forgetReads();
    }
  }

  private static boolean ended(ExecutorService threads) {
    try {
      return threads.awaitTermination(5, TimeUnit.SECONDS);
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
      throws Exception {
    List<Optional<byte[]>> masks = decode(samples, augmentation, pixels.clear(), hadoop);
    int clip = run.architecture().clipBytes();
    int tokens = run.architecture().tokens();
    byte[] visible = new byte[samples.size() * tokens];
    List<String> clipIds = new ArrayList<>(samples.size());

    for (int i = 0; i < samples.size(); i++) {
      int place = clipIds.size();
      if (masks.get(i).isPresent()) {
        if (place < i) { // in place of a sample that is left out
          pixels.put(place * clip, pixels, i * clip, clip);
        }
        System.arraycopy(masks.get(i).get(), 0, visible, place * tokens, tokens);
        clipIds.add(samples.get(i).clipId());
      }
    }

    int read = clipIds.size();
    if (read == 0) {
      return Optional.empty();
    }
    byte[] flags = Arrays.copyOf(visible, read * tokens);
    return Optional.of(new ClipBatch(read, pixels.limit(read * clip), flags, clipIds));
  }

  /**
   * Decodes each sample into its place among the pixels, in this thread and others. When it
   * returns, no thread writes there any more.
   *
   * @return the masks; empty for a sample that is left out
   * @throws Exception of the first sample that failed, as if they had been decoded one after
   *     another
   */
  private List<Optional<byte[]>> decode(
      List<Sample> samples,
      AugmentationOptions augmentation,
      ByteBuffer pixels,
      Configuration hadoop)
      throws Exception {
    int clip = run.architecture().clipBytes();
    boolean skips = run.training().reading().unreadableShards() == UnreadableShards.SKIP;
    Map<Integer, Optional<byte[]>> masks = new ConcurrentSkipListMap<>();
    NavigableMap<Integer, Throwable> failures = new ConcurrentSkipListMap<>();
    AtomicInteger next = new AtomicInteger();
    Consumer<SampleDecoder> work =
        decoder -> {
          for (int i = next.getAndIncrement(); i < samples.size(); i = next.getAndIncrement()) {
            try {
              ByteBuffer place = pixels.slice(i * clip, clip);
              masks.put(
                  i, Optional.of(decoder.decode(samples.get(i), augmentation, place, hadoop)));
            } catch (Throwable e) {
              if (e instanceof IOException && skips) {
                masks.put(i, Optional.empty());
                leftOut = e.getMessage();
              } else {
                failures.put(i, e);
                next.set(samples.size()); // the samples before it are decoded, or are being decoded
              }
            }
          }
        };

    List<Future<?>> begun = new ArrayList<>();
    for (SampleDecoder decoder : decoders.subList(1, Math.min(decoders.size(), samples.size()))) {
      begun.add(others.submit(() -> work.accept(decoder)));
    }
    work.accept(decoders.get(0));
    for (Future<?> other : begun) {
      other.get();
    }

    if (!failures.isEmpty()) {
      Throwable first = failures.firstEntry().getValue();
      if (first instanceof Error error) {
        throw error;
      }
      throw (Exception) first;
    }
    return List.copyOf(masks.values());
  }

  private static Optional<ClipBatch> await(Future<Optional<ClipBatch>> batch) throws IOException {
    try {
      return batch.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      if (e.getCause()
          instanceof Error error) { // such as OutOfMemoryError, which ends the executor
        throw error;
      }
      throw new IllegalStateException("Cannot read a batch: " + e.getCause().getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while reading a batch", e);
    }
  }
}
