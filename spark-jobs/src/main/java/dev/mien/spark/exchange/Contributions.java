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
 * Makes what a replica's task sends to {@link StateReduce}: its receipt, and each chunk of its
 * state to the task that averages that chunk.
 */
public final class Contributions {

  /** The chunk number of receipts, which are routed through the task of the first chunk. */
  private static final int RECEIPTS = -1;

  private Contributions() {}

  /** Reads {@code count} values of a vector from index {@code from} into {@code values[at…]}. */
  @FunctionalInterface
  public interface VectorReader {
    void read(int vector, int from, float[] values, int at, int count);
  }

  /**
   * All that a trained replica sends: its receipt, and the values that it arrived at.
   *
   * @param vectors how many of the state's vectors are averaged, the parameters first
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

  /**
   * The parameters that a replica arrived at, as encoded differences from the round's start. All
   * values are read before this returns.
   */
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

  /** A replica's receipt alone. */
  public static Tuple2<ChunkKey, Contribution> receipt(int replica, Object receipt) {
    return sent(RECEIPTS, replica, new Receipt(receipt));
  }

  /** All that a replica sends that could not train; its round cannot be averaged. */
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
