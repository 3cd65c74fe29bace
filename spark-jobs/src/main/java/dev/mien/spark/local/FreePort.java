package dev.mien.spark.local;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Finds ports of this machine for servers that are about to start.
 *
 * <p>They lie below the range from which systems choose ports for outgoing connections (from 32768
 * on Linux, from 49152 elsewhere): a port in that range, free when it is chosen, may belong to a
 * connection before its server is up.
 */
public final class FreePort {

  private static final int FIRST = 20_000;
  private static final int COUNT = 10_000;
  private static final int ATTEMPTS = 100;

  /** No port is returned twice, so that two servers of this process have different ones. */
  private static final AtomicInteger NEXT =
      new AtomicInteger(ThreadLocalRandom.current().nextInt(COUNT));

  private FreePort() {}

  /**
   * A port on which nothing listens just now.
   *
   * @throws IOException when a hundred ports are taken, with the failure of the last
   */
  public static int find() throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    IOException taken = null;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      int port = FIRST + NEXT.getAndIncrement() % COUNT;
      try (ServerSocket server = new ServerSocket()) {
        server.bind(new InetSocketAddress(loopback, port), 1);
        return port;
      } catch (IOException e) {
        taken = e;
      }
    }
    throw new IOException("No free port from " + FIRST + " to " + (FIRST + COUNT - 1), taken);
  }
}
