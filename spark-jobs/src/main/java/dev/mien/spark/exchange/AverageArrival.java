package dev.mien.spark.exchange;

import dev.mien.spark.exchange.Contribution.Failure;
import dev.mien.spark.exchange.Contribution.Mean;
import dev.mien.spark.exchange.Contribution.Receipt;
import dev.mien.spark.exchange.StateReduce.Reduced;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.TaskContext;
import org.apache.spark.rdd.RDD;
import scala.Function2;
import scala.collection.Iterator;
import scala.collection.JavaConverters;
import scala.reflect.ClassTag;
import scala.runtime.BoxedUnit;

/**
 * On the driver: has executors form the chunks of an average, and fetches each as soon as it is
 * formed.
 */
final class AverageArrival<R> implements AutoCloseable {

  /** Fetches that run at once. */
  private static final int FETCHES = 4;

  /**
   * How many times a chunk is averaged when executors are lost before the driver has fetched it.
   */
  private static final int ATTEMPTS = 4;

  /** How long {@link #close} waits; an interrupted fetch ends at once. */
  private static final Duration LONGEST_END = Duration.ofSeconds(10);

  private final RDD<Contribution> averages;
  private final StateBroadcast average;
  private final Class<R> receiptType;
  private final ExecutorService fetching = Executors.newFixedThreadPool(FETCHES);
  private final Map<Integer, List<Contribution>> formed = new ConcurrentSkipListMap<>();
  private final Map<Integer, Future<ByteBuffer>> fetches = new ConcurrentSkipListMap<>();
  private final Map<Integer, ByteBuffer> chunks = new TreeMap<>();

  /**
   * Prepares the averaging.
   *
   * @param averages one partition per chunk, whose last element is its {@link Mean}, if it has one
   * @param average the broadcast that executors put the chunks into
   */
  AverageArrival(RDD<Contribution> averages, StateBroadcast average, Class<R> receiptType) {
    this.averages = averages;
    this.average = average;
    this.receiptType = receiptType;
  }

  /**
   * Has executors average all chunks, and fetches them.
   *
   * @throws ReplicaFailedException when a replica failed in a way that it would again
   */
  Reduced<R> reduced() {
    List<Integer> wanted = IntStream.range(0, average.layout().chunks()).boxed().toList();
    for (int attempt = 1; !wanted.isEmpty(); attempt++) {
      form(wanted);
      SortedMap<Integer, Throwable> lost = fetch();
      if (attempt == ATTEMPTS && !lost.isEmpty()) {
        Throwable first = lost.get(lost.firstKey());
        throw new IllegalStateException("Cannot fetch the average: " + first.getMessage(), first);
      }
      lost.values().forEach(e -> System.out.println("Averaging a chunk again: " + e.getMessage()));
      wanted = List.copyOf(lost.keySet());
      if (wanted.isEmpty() && !isOfOneAttemptEach()) {
        if (attempt == ATTEMPTS) {
          throw new IllegalStateException(
              "Cannot average: replicas were trained again and again while it was formed");
        }
        System.out.println("Averaging again: a replica was trained anew meanwhile");
        wanted = List.copyOf(formed.keySet());
        chunks.clear();
        means().forEach(mean -> mean.block().removeHere());
      }
    }

    List<R> receipts = new ArrayList<>();
    List<StateBlock> blocks = new ArrayList<>();
    double spread = 0;
    double update = 0;
    for (List<Contribution> partition : formed.values()) {
      for (Contribution contribution : partition) {
        if (contribution instanceof Receipt receipt) {
          receipts.add(receiptType.cast(receipt.value()));
        } else if (contribution instanceof Mean mean) {
          blocks.add(mean.block());
          spread += mean.spread();
          update += mean.update();
        }
      }
    }
    return new Reduced<>(
        chunks.isEmpty()
            ? Optional.empty()
            : Optional.of(average.formed(blocks, List.copyOf(chunks.values()))),
        receipts,
        Math.sqrt(spread),
        Math.sqrt(update));
  }

  /**
   * Whether all chunks were averaged from the same attempts at the replicas. When an executor is
   * lost, some chunks may have been averaged from the attempt that was lost with it; on GPUs, or
   * where unreadable shards are left out, the next attempt gives other values.
   */
  private boolean isOfOneAttemptEach() {
    return means().map(Mean::attempts).distinct().count() <= 1;
  }

  private Stream<Mean> means() {
    return formed.values().stream()
        .flatMap(List::stream)
        .filter(Mean.class::isInstance)
        .map(Mean.class::cast);
  }

  private void form(List<Integer> wanted) {
    Function2<TaskContext, Iterator<Contribution>, List<Contribution>> all =
        (Function2<TaskContext, Iterator<Contribution>, List<Contribution>> & Serializable)
            (task, contributions) ->
                new ArrayList<>(
                    JavaConverters.seqAsJavaListConverter(contributions.toSeq()).asJava());
    Function2<Object, List<Contribution>, BoxedUnit> handler =
        (index, contributions) -> {
          take(wanted.get((int) index), contributions);
          return BoxedUnit.UNIT;
        };
    averages
        .sparkContext()
        .runJob(
            averages,
            all,
            JavaConverters.asScalaBufferConverter(List.<Object>copyOf(wanted)).asScala().toList(),
            handler,
            ClassTag.apply(List.class));

    for (List<Contribution> partition : formed.values()) {
      for (Contribution contribution : partition) {
        if (contribution instanceof Failure failure) {
          throw new ReplicaFailedException(failure.replica(), failure.reason());
        }
      }
    }
  }

  /** Called by the one thread in which Spark's scheduler hands over results. */
  private void take(int chunk, List<Contribution> contributions) {
    formed.put(chunk, contributions);
    if (!contributions.isEmpty()
        && contributions.get(contributions.size() - 1) instanceof Mean mean) {
      fetches.put(chunk, fetching.submit(() -> mean.block().shared()));
    }
  }

  /**
   * Waits for the fetches that are running.
   *
   * @return the chunks that were lost with their executors, with the failure of each
   */
  private SortedMap<Integer, Throwable> fetch() {
    SortedMap<Integer, Throwable> lost = new TreeMap<>();
    for (Map.Entry<Integer, Future<ByteBuffer>> fetch : fetches.entrySet()) {
      try {
        chunks.put(fetch.getKey(), fetch.getValue().get());
      } catch (ExecutionException e) {
        if (e.getCause() instanceof Error error) {
          throw error;
        }
        lost.put(fetch.getKey(), e.getCause());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("Interrupted in fetching the average", e);
      }
    }
    fetches.clear();
    return lost;
  }

  /** Waits for fetches to end, so that none brings a chunk after the average is given up. */
  @Override
  public void close() {
    fetching.shutdownNow();
    try {
      if (!fetching.awaitTermination(LONGEST_END.toSeconds(), TimeUnit.SECONDS)) {
        System.out.println("A chunk of an average is still being fetched");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
