package dev.mien.spark.exchange;

import dev.mien.spark.exchange.Contribution.Attempt;
import dev.mien.spark.exchange.Contribution.Chunk;
import dev.mien.spark.exchange.Contribution.Failure;
import dev.mien.spark.exchange.Contribution.Receipt;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import scala.Tuple2;

/**
 * What a replica's task sends to be averaged, by {@link StateReduce}: its receipt, and a piece of a
 * chunk each to the task that sums that.
 */
public final class Contributions {

  /** Receipts go before the first chunk, through the task that sums it. */
  private static final int RECEIPTS = -1;

  private Contributions() {}

  /** Reads {@code count} values of a vector from index {@code from} into {@code values[at…]}. */
  @FunctionalInterface
  public interface VectorReader {
    void read(int vector, int from, float[] values, int at, int count);
  }

  /**
   * All that a replica sends that has trained: its receipt, and the values that it arrived at.
   *
   * @param vectors how many of the state's move, the parameters first
   */
  public static Iterator<Tuple2<ChunkKey, Contribution>> of(
      int replica,
      StateBroadcast start,
      int vectors,
      VectorReader arrived,
      long examples,
      Object receipt) {
    ChunkLayout layout = start.layout().of(vectors);
    return IntStream.range(RECEIPTS, layout.chunks())
        .mapToObj(
            chunk ->
                sent(
                    chunk,
                    replica,
                    chunk == RECEIPTS
                        ? new Receipt(receipt)
                        : new Chunk(
                            start.keep(chunk, bytes(layout, chunk, arrived)),
                            Encoding.FLOAT32,
                            examples,
                            Attempt.current())))
        .toList() // within the task's limit, before its network is lent out again
        .iterator();
  }

  /** Where it arrived, as encoded differences of the parameters alone; they are read at once. */
  public static List<Tuple2<ChunkKey, Contribution>> encoded(
      int replica,
      StateBroadcast start,
      Encoding encoding,
      float[] residual,
      VectorReader arrived,
      long examples) {
    ChunkLayout layout = start.layout().of(1);
    DeltaEncoder encoder = new DeltaEncoder(encoding, residual);
    List<Tuple2<ChunkKey, Contribution>> sent = new ArrayList<>(layout.chunks() + 1);
    for (int chunk = 0; chunk < layout.chunks(); chunk++) {
      float[] values = new float[layout.length(chunk)];
      layout.forEachPart(
          chunk, (vector, from, at, count) -> arrived.read(vector, from, values, at, count));
      ByteBuffer bytes =
          ByteBuffer.wrap(encoder.encode(values, start.chunk(chunk), chunk * layout.chunkFloats()));
      sent.add(
          sent(
              chunk,
              replica,
              new Chunk(start.keep(chunk, bytes), encoding, examples, Attempt.current())));
    }
    return sent;
  }

  /** The receipt of a replica, beside what it sends otherwise. */
  public static Tuple2<ChunkKey, Contribution> receipt(int replica, Object receipt) {
    return sent(RECEIPTS, replica, new Receipt(receipt));
  }

  /** All that a replica sends that cannot contribute; its round cannot be averaged. */
  public static Iterator<Tuple2<ChunkKey, Contribution>> failure(int replica, String reason) {
    return List.of(sent(RECEIPTS, replica, new Failure(replica, reason))).iterator();
  }

  private static Tuple2<ChunkKey, Contribution> sent(
      int chunk, int replica, Contribution contribution) {
    return new Tuple2<>(new ChunkKey(chunk, replica), contribution);
  }

  private static ByteBuffer bytes(ChunkLayout layout, int chunk, VectorReader reader) {
    ByteBuffer bytes = ByteBuffer.allocate(layout.length(chunk) * Float.BYTES);
    FloatBuffer values = StateChunks.floats(bytes);
    float[] part = new float[ChunkLayout.PART];
    layout.forEachPart(
        chunk,
        (vector, from, at, count) -> {
          reader.read(vector, from, part, 0, count);
          values.put(at, part, 0, count);
        });
    return bytes;
  }
}
