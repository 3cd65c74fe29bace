package dev.mien.spark.exchange;

import java.io.IOException;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/**
 * A state that every process can read. Its chunks lie in the driver and in the executors that have
 * averaged or fetched them, and other executors fetch them from any of these. {@link #close}
 * destroys it.
 */
public final class StateBroadcast implements Serializable, AutoCloseable {

  private static final long serialVersionUID = 1L;

  /**
   * Fetches that run at once: with one, an executor would mostly wait; with more, they would fill
   * its memory.
   */
  private static final int FETCHES = 4;

  /** How long {@link #close} waits. Removing blocks takes no time unless one is being sent. */
  private static final Duration LONGEST_REMOVAL = Duration.ofSeconds(5);

  /**
   * Held while one of an executor's tasks fetches, so that its other tasks find what was fetched.
   */
  private static final Object FETCHING = new Object();

  /**
   * Keeps the last destroyed broadcast from garbage collection until the next one: Spark's cleaner
   * would destroy it once more, and of two removals of a block at once one fails.
   */
  private static final AtomicReference<Broadcast<?>> DESTROYED = new AtomicReference<>();

  private final Broadcast<ChunkLayout> layout;
  private final ArrayList<StateBlock> chunks;
  private final transient StateChunks state;

  private StateBroadcast(
      Broadcast<ChunkLayout> layout, List<StateBlock> chunks, StateChunks state) {
    this.layout = layout;
    this.chunks = new ArrayList<>(chunks);
    this.state = state;
  }

  /** Offers the driver's own arrays, without a copy, for others to fetch until {@link #close}. */
  public static StateBroadcast of(JavaSparkContext context, StateChunks state) {
    Broadcast<ChunkLayout> layout = context.broadcast(state.layout());
    List<StateBlock> chunks = new ArrayList<>(state.layout().chunks());
    for (int chunk = 0; chunk < state.layout().chunks(); chunk++) {
      chunks.add(StateBlock.put(layout.id(), "state" + chunk, state.bytes(chunk)));
    }
    return new StateBroadcast(layout, chunks, state);
  }

  /** A broadcast without chunks, which executors are to {@link #put}. */
  static StateBroadcast toBeFormed(JavaSparkContext context, ChunkLayout layout) {
    return new StateBroadcast(
        context.broadcast(layout), List.of(), new StateChunks(layout, List.of()));
  }

  /**
   * This broadcast with the chunks that executors have put.
   *
   * @param bytes the chunks' values, which the driver has fetched
   */
  StateBroadcast formed(List<StateBlock> blocks, List<ByteBuffer> bytes) {
    return new StateBroadcast(layout, blocks, new StateChunks(layout(), bytes));
  }

  /** On the driver: the values of all chunks. */
  public StateChunks state() {
    return state;
  }

  /**
   * On an executor: hands over the values of every vector, as {@link #forEachPart(int,
   * PartConsumer)} does.
   */
  public void forEachPart(PartConsumer consumer) {
    forEachPart(layout().vectors(), consumer);
  }

  /**
   * On an executor: hands over the values part by part. The array is reused between calls.
   *
   * @param vectors how many, from the first on; only their chunks are fetched
   * @throws IllegalStateException when a chunk cannot be fetched, or the thread is interrupted
   */
  public void forEachPart(int vectors, PartConsumer consumer) {
    ChunkLayout wanted = layout().of(vectors);
    fetch(wanted.chunks());
    float[] part = new float[ChunkLayout.PART];
    for (int chunk = 0; chunk < wanted.chunks(); chunk++) {
      FloatBuffer values = chunk(chunk);
      wanted.forEachPart(
          chunk,
          (vector, from, at, count) -> {
            values.get(at, part, 0, count);
            consumer.accept(vector, from, part, count);
          });
    }
  }

  /**
   * Fetches chunks into this process. Each executor has an order of its own, so that they can fetch
   * from each other.
   */
  private void fetch(int count) {
    List<Integer> order = new ArrayList<>(IntStream.range(0, count).boxed().toList());
    Collections.shuffle(order, new Random(SparkEnv.get().executorId().hashCode()));
    ExecutorService fetching = Executors.newFixedThreadPool(FETCHES);
    try {
      synchronized (FETCHING) {
        List<Future<?>> fetches = new ArrayList<>();
        for (int chunk : order) {
          fetches.add(fetching.submit(() -> chunks.get(chunk).shared()));
        }
        for (Future<?> fetched : fetches) {
          fetched.get();
        }
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException("Cannot fetch the round's state: " + e.getCause(), e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    } finally {
      fetching.shutdownNow();
    }
  }

  long id() {
    return layout.id();
  }

  ChunkLayout layout() {
    return layout.value();
  }

  /** The values of a chunk, which must not be written to. */
  FloatBuffer chunk(int number) {
    try {
      return StateChunks.floats(chunks.get(number).shared());
    } catch (IOException e) {
      throw new IllegalStateException("Cannot fetch the round's state: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** On an executor: puts a chunk that a task has averaged where all processes can find it. */
  StateBlock put(int chunk, ByteBuffer bytes) {
    return StateBlock.put(layout.id(), name(chunk), bytes);
  }

  /** On an executor: keeps a chunk for those who are told which executor has it. */
  StateBlock keep(int chunk, ByteBuffer bytes) {
    return StateBlock.keep(layout.id(), name(chunk), bytes);
  }

  /** Names a block of the current attempt at the task; other attempts have blocks of their own. */
  private static String name(int chunk) {
    return "chunk" + chunk + "_" + TaskContext.get().taskAttemptId(); // digits of ASCII
  }

  private static IllegalStateException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IllegalStateException("Interrupted in fetching the round's state", e);
  }

  /**
   * Destroys the broadcast. It waits for the driver's own blocks to go, but only for a while: a
   * block that is being sent stays until its connection ends, which may take hours when the other
   * machine has vanished.
   */
  @Override
  public void close() {
    // At once, before the next state needs the room that Spark has for blocks.
    Thread removal = new Thread(() -> chunks.forEach(StateBlock::removeHere), "state-removal");
    removal.setDaemon(true);
    removal.start();
    try {
      removal.join(LONGEST_REMOVAL.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (removal.isAlive()) {
      System.out.println(
          "A round's state is still being sent to some executor: it stays until then");
    }
    layout.destroy();
    DESTROYED.set(layout);
  }

  /**
   * Receives the first {@code count} of the values, which belong to a vector from index {@code
   * from} on.
   */
  @FunctionalInterface
  public interface PartConsumer {
    void accept(int vector, int from, float[] values, int count);
  }
}
