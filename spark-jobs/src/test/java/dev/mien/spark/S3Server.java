package dev.mien.spark;

import dev.mien.spark.local.FreePort;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * An S3 over a folder: S3Proxy in a process of its own, since its libraries are others than
 * Spark's.
 */
final class S3Server implements AutoCloseable {

  private static final Path JAR = Path.of("target/s3-server/s3proxy.jar");
  private static final String KEY = "mien";
  private static final String SECRET = "not-a-secret";

  private final Process process;
  private final String endpoint;

  private S3Server(Process process, String endpoint) {
    this.process = process;
    this.endpoint = endpoint;
  }

  /** Starts it with a bucket. */
  static S3Server start(Path folder, String bucket) throws IOException {
    if (!Files.exists(JAR)) {
      throw new IllegalStateException("No S3 server at " + JAR + " (run Maven with -Ps3a)");
    }
    String endpoint = "http://127.0.0.1:" + FreePort.find();
    Files.createDirectories(folder.resolve("data").resolve(bucket));
    Path settings = folder.resolve("s3proxy.conf");
    Files.write(
        settings,
        List.of(
            "s3proxy.endpoint=" + endpoint,
            "s3proxy.authorization=aws-v2-or-v4",
            "s3proxy.identity=" + KEY,
            "s3proxy.credential=" + SECRET,
            "jclouds.provider=filesystem",
            "jclouds.identity=none",
            "jclouds.credential=none",
            "jclouds.filesystem.basedir=" + folder.resolve("data")));
    Process process =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "-Xmx512m",
                "-jar",
                JAR.toString(),
                "--properties",
                settings.toString())
            .redirectErrorStream(true)
            .start();
    awaitStart(process);
    return new S3Server(process, endpoint);
  }

  /** Reads what it says until it listens, and then to its end, so that it never has to wait. */
  private static void awaitStart(Process process) throws IOException {
    BufferedReader said = process.inputReader();
    StringBuilder all = new StringBuilder();
    String line = said.readLine();
    while (line != null && !line.contains("Started Server@")) {
      all.append(line).append('\n');
      line = said.readLine();
    }
    if (line == null) {
      throw new IOException("The S3 server did not start: " + all);
    }
    Thread reader = new Thread(() -> said.lines().forEach(ignored -> {}), "s3-server");
    reader.setDaemon(true);
    reader.start();
  }

  /** What Hadoop must know of it. */
  Map<String, String> settings() {
    return Map.of(
        "fs.s3a.endpoint",
        endpoint,
        "fs.s3a.access.key",
        KEY,
        "fs.s3a.secret.key",
        SECRET,
        "fs.s3a.path.style.access",
        "true",
        "fs.s3a.directory.marker.retention",
        "keep",
        "fs.s3a.multiobjectdelete.enable",
        "false");
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
