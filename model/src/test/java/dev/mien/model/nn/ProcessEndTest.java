package dev.mien.model.nn;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.testng.annotations.Test;

/** A process of its own, since it ends. */
public class ProcessEndTest {

  private static final String COMPUTED = "computed";

  @Test
  public void theEndWaitsForAComputationAndLetsNoneBegin() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                ProcessEndTest.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();

    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(said.lines()).containsExactly(COMPUTED);
    assertThat(process.waitFor()).isZero();
  }

  /** Ends while one thread computes and another is about to. */
  public static void main(String... arguments) throws InterruptedException {
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
