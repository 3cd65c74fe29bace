package dev.mien.model.nn;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.testng.annotations.Test;

/** A process of its own, since it ends. */
public class ProcessEndTest {

  private static final String COMPUTED = "computed";

  private static final String CLOSING = "closing";
  private static final String OVER = "over";

  @Test
  public void theEndWaitsForAComputationAndLetsNoneBegin() throws Exception {
    assertThat(said("computing")).containsExactly(COMPUTED);
  }

  @Test
  public void whoClosesANetworkAfterTheEndWaitsForNothing() throws Exception {
    assertThat(said(CLOSING)).containsExactly(OVER);
  }

  /** Lines of a process that ends by itself. */
  private static List<String> said(String argument) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                ProcessEndTest.class.getName(),
                argument)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();

    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor()).isZero();
    return said.lines().toList();
  }

  /** Ends while one thread computes and another is about to, or closes when it has ended. */
  public static void main(String... arguments) throws InterruptedException {
    if (arguments[0].equals(CLOSING)) {
      ProcessEnd.before(() -> {}); // so that its end is awaited
      Runtime.getRuntime().addShutdownHook(new Thread(ProcessEndTest::closeLate));
      System.exit(0);
    }
    CountDownLatch computing = new CountDownLatch(1);
    daemon(
        () -> {
          computing.countDown();
          awaitWaiting(ProcessEnd.AWAITED_BY);
          daemon(() -> System.out.println("began too late"), "late");
          awaitWaiting("late");
          System.out.println(COMPUTED);
        },
        "early");
    computing.await();
    System.exit(0);
  }

  /** Closes again and again until that does nothing any more. */
  private static void closeLate() {
    AtomicBoolean isClosed = new AtomicBoolean(true);
    while (isClosed.getAndSet(false)) {
      ProcessEnd.before(() -> isClosed.set(true));
      Thread.onSpinWait();
    }
    System.out.println(OVER);
  }

  private static void daemon(Runnable work, String name) {
    Thread thread =
        new Thread(
            () ->
                ProcessEnd.after(
                    () -> {
                      work.run();
                      return name;
                    }),
            name);
    thread.setDaemon(true);
    thread.start();
  }

  private static void awaitWaiting(String name) {
    while (Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals(name))
        .noneMatch(
            thread ->
                switch (thread.getState()) {
                  case WAITING, TIMED_WAITING -> true;
                  case NEW, RUNNABLE, BLOCKED, TERMINATED -> false;
                })) {
      Thread.onSpinWait();
    }
  }
}
