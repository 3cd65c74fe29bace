package dev.mien.spark.local;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Ports of this machine for servers that are yet to start.
 *
 * <p>They lie below those that systems lend to outgoing connections (from 32768 on Linux, from
 * 49152 on others): a port of those, free when it is asked for, may be some connection's before its
 * server is up.
 */
public final class FreePort {

  private static final int FIRST = 20_000;
  private static final int COUNT = 10_000;
  private static final int ATTEMPTS = 100;

  /** Each is asked for once, so that two servers of a process have two. */
  private static final AtomicInteger NEXT =
      new AtomicInteger(ThreadLocalRandom.current().nextInt(COUNT));

  private FreePort() {}

  /**
   * A port that nothing listens on just now.
   *
   * @throws IOException when a hundred ports are taken, with what was said of the last
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
