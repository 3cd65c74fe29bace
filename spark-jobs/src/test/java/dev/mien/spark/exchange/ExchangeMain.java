package dev.mien.spark.exchange;

import dev.mien.spark.Processes;
import dev.mien.spark.exchange.Contributions.VectorReader;
import dev.mien.spark.exchange.StateReduce.Reduced;
import dev.mien.spark.session.SparkSessions;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/**
 * The driver of {@link ExchangeBenchmark}: exchanges a vector as large as a model between replicas
 * that do nothing else, and prints the seconds.
 *
 * <p>Arguments: {@code compare}, {@code floor} or {@code pass}, values in a vector, vectors,
 * replicas, rounds.
 */
public final class ExchangeMain {

  /** Rounds of a small vector, not measured, in which Java loads classes and compiles. */
  private static final int SMALL_ROUNDS = 100;

  private static final int SMALL = 1 << 22;

  private static final int CYCLE = 1 << 16;

  /** Rounds of the whole vector, not measured, in which heaps grow. */
  private static final int LARGE_ROUNDS = 3;

  private ExchangeMain() {}

  public static void main(String... arguments) throws Exception {
    int size = Integer.parseInt(arguments[1]);
    int vectors = Integer.parseInt(arguments[2]);
    int replicas = Integer.parseInt(arguments[3]);
    int rounds = Integer.parseInt(arguments[4]);

    SparkConf conf = conf();
    SparkSessions.messages(conf);
    double exchange;
    try (JavaSparkContext context = new JavaSparkContext(conf)) {
      // As in a run, a round starts from the state that the one before it has left.
      Map<Integer, StateBroadcast> states = new HashMap<>();
      Work mien =
          length -> {
            StateBroadcast start = states.get(length);
            if (start == null) {
              start = StateBroadcast.of(context, StateChunks.of(zeros(length, vectors), replicas));
            }
            states.put(length, exchange(context, start, length, vectors, replicas));
          };
      double[] seconds =
          switch (arguments[0]) {
            case "compare" ->
                medians(
                    size,
                    rounds,
                    mien,
                    ExchangeMain::floor,
                    length -> naive(context, length, replicas));
            case "floor" -> medians(size, rounds, mien, ExchangeMain::floor);
            case "pass" -> medians(size, rounds, mien);
            default -> throw new IllegalArgumentException(arguments[0]);
          };
      exchange = seconds[0];
      System.out.printf(
          Locale.ROOT,
          "RESULT %d x %d values, %d replicas: exchange %.2f s, %.0f MB moved, driver at most %d"
              + " MB%n",
          vectors,
          size,
          replicas,
          exchange,
          // Half of the replicas' chunks to the other executor, the average to the driver, and half
          // of it to each executor.
          4e-6 * size * vectors * (replicas / 2.0 + 1 + 1),
          Processes.memory(ProcessHandle.current(), "VmHWM") >> 20);
      List<String> others = List.of("floor of both directions", "naive, in a session of Mien's");
      for (int other = 1; other < seconds.length; other++) {
        print(others.get(other - 1), seconds[other], exchange);
      }
    }
    if (arguments[0].equals("compare")) {
      // A context has one serializer: this way cannot take turns with the others.
      try (JavaSparkContext context = new JavaSparkContext(conf())) {
        double[] naive = medians(size, rounds, length -> naive(context, length, replicas));
        print("naive, serialised by Spark's Kryo", naive[0], exchange);
      }
    }
  }

  private static SparkConf conf() {
    return new SparkConf()
        .setAppName("exchange")
        .set("spark.serializer", "org.apache.spark.serializer.KryoSerializer")
        // The naive way sends a whole vector at once.
        .setIfMissing("spark.kryoserializer.buffer.max", "2047m");
  }

  private static void print(String what, double seconds, double exchange) {
    System.out.printf(
        Locale.ROOT,
        "RESULT %s %.2f s, exchange / that = %.2f%n",
        what,
        seconds,
        exchange / seconds);
  }

  /** Broadcast, first use and reduce of Mien's. */
  private static StateBroadcast exchange(
      JavaSparkContext context, StateBroadcast state, int size, int vectors, int replicas) {
    try (StateBroadcast start = state) {
      Reduced<Long> reduced =
          StateReduce.reduce(
              context
                  .parallelize(IntStream.range(0, replicas).boxed().toList(), replicas)
                  .flatMapToPair(
                      replica -> {
                        float[] last = new float[1];
                        start.forEachPart(
                            (vector, from, values, count) -> last[0] = values[count - 1]);
                        return Contributions.of(
                            replica, start, vectors, arrived(replica), 1, (long) last[0]);
                      }),
              start,
              vectors,
              Long.class);
      StateChunks mean = reduced.state().orElseThrow();
      for (int vector = 0; vector < vectors; vector++) {
        float end = mean.values(vector, size - 1, 1)[0];
        float expected = 0;
        for (int replica = 0; replica < replicas; replica++) {
          expected += value(replica, size - 1) / replicas;
        }
        if (Math.abs(end - expected) > 1e-5 * expected) {
          throw new IllegalStateException(end + " is not the mean, " + expected);
        }
      }
      return reduced.average().orElseThrow();
    }
  }

  private static List<float[]> zeros(int size, int vectors) {
    float[] one = new float[size];
    return Collections.nCopies(vectors, one);
  }

  /** Copied, as a replica's values are from where it trained: to make them is not measured. */
  private static VectorReader arrived(int replica) {
    float[] cycle = new float[CYCLE];
    for (int i = 0; i < CYCLE; i++) {
      cycle[i] = value(replica, i);
    }
    return (vector, from, values, at, count) -> {
      for (int done = 0; done < count; ) {
        int begin = (from + done) % CYCLE;
        int length = Math.min(count - done, CYCLE - begin);
        System.arraycopy(cycle, begin, values, at + done, length);
        done += length;
      }
    };
  }

  private static float value(int replica, int index) {
    return (index % CYCLE) * 1e-5f + replica;
  }

  /** As DL4J does: one array, tree-aggregated with the sums in the driver, and one broadcast. */
  private static void naive(JavaSparkContext context, int size, int replicas) {
    JavaRDD<Integer> rdd =
        context.parallelize(IntStream.range(0, replicas).boxed().toList(), replicas);
    float[] sum =
        rdd.map(
                replica -> {
                  float[] values = new float[size];
                  arrived(replica).read(0, 0, values, 0, size);
                  return values;
                })
            .treeAggregate(new float[0], ExchangeMain::add, ExchangeMain::add, 2);
    for (int i = 0; i < size; i++) {
      sum[i] /= replicas;
    }
    Broadcast<float[]> broadcast = context.broadcast(sum);
    rdd.map(replica -> broadcast.value()[size - 1]).collect();
    broadcast.destroy();
  }

  private static float[] add(float[] one, float[] other) {
    if (one.length == 0) {
      return other;
    }
    if (other.length > 0) {
      for (int i = 0; i < one.length; i++) {
        one[i] += other[i];
      }
    }
    return one;
  }

  /**
   * Up: the bytes of one vector through a loopback socket and one pass of summation; down: once.
   */
  private static void floor(int size) throws Exception {
    float[] sum = new float[size];
    float[] values = new float[(1 << 20) / Float.BYTES];
    for (int direction = 0; direction < 2; direction++) {
      try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        Thread sender = new Thread(() -> send(server, 4L * size));
        sender.start();
        try (Socket socket = server.accept()) {
          InputStream in = new DataInputStream(socket.getInputStream());
          ByteBuffer piece = ByteBuffer.allocate(1 << 20);
          int at = 0;
          for (int read = 0; (read = in.readNBytes(piece.array(), 0, 1 << 20)) > 0; ) {
            if (direction == 0) {
              int count = read / Float.BYTES;
              piece.clear().order(ByteOrder.nativeOrder()).asFloatBuffer().get(values, 0, count);
              for (int i = 0; i < count; i++) {
                sum[at + i] += values[i];
              }
              at += count;
            }
          }
        }
        sender.join();
      }
    }
  }

  private static void send(ServerSocket server, long bytes) {
    try (Socket socket = new Socket(server.getInetAddress(), server.getLocalPort());
        OutputStream out = socket.getOutputStream()) {
      byte[] piece = new byte[1 << 20];
      for (long sent = 0; sent < bytes; sent += piece.length) {
        out.write(piece, 0, (int) Math.min(piece.length, bytes - sent));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @FunctionalInterface
  private interface Work {
    void run(int size) throws Exception;
  }

  /**
   * Of the rounds after the first ones; of one round alone when none is wanted. The works take
   * turns, so that they meet the machine in the same mood.
   */
  private static double[] medians(int size, int rounds, Work... works) throws Exception {
    List<List<Double>> seconds =
        Stream.of(works).<List<Double>>map(work -> new ArrayList<>()).toList();
    int large = rounds == 0 ? 0 : LARGE_ROUNDS;
    for (int round = 0; round < (rounds == 0 ? 0 : SMALL_ROUNDS); round++) {
      for (Work work : works) {
        work.run(Math.min(SMALL, size));
      }
    }
    for (int round = 0; round < large + Math.max(1, rounds); round++) {
      for (int work = 0; work < works.length; work++) {
        long began = System.nanoTime();
        works[work].run(size);
        if (round >= large) {
          seconds.get(work).add((System.nanoTime() - began) * 1e-9);
        }
      }
    }
    return seconds.stream()
        .mapToDouble(one -> one.stream().sorted().toList().get(one.size() / 2))
        .toArray();
  }
}
