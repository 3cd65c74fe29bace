package dev.mien.spark.local;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports of this machine for servers that are yet to start.
 *
 * <p>They lie below those that systems lend to outgoing connections (from 32768 on Linux, from
 * 49152 on others): a port of those, free when it is asked for, may be some connection's before its
 * server is up.
 */
public final class FreePort {

  private static final int FIRST = 20_000;
  private static final int LAST = 29_999;
  private static final int ATTEMPTS = 100;

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
      int port = ThreadLocalRandom.current().nextInt(FIRST, LAST + 1);
      try (ServerSocket server = new ServerSocket()) {
        server.bind(new InetSocketAddress(loopback, port), 1);
        return port;
      } catch (IOException e) {
        taken = e;
      }
    }
    throw new IOException("No free port from " + FIRST + " to " + LAST, taken);
  }
}
