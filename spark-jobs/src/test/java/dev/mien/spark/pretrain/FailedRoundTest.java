package dev.mien.spark.pretrain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

public class FailedRoundTest {

  @DataProvider
  public Object[][] deaths() {
    return new Object[][] {
      {"Command exited with code 52", "--executor-memory"},
      {"The executor with id 3 exited with exit code 52(JVM OOM).", "--executor-memory"},
      {"Container from a bad node. Exit status: 52. Diagnostics", "--executor-memory"},
      {"Command exited with code 137", "spark.executor.memoryOverhead"},
      {
        "The executor with id 3 exited with exit code 137(SIGKILL)", "spark.executor.memoryOverhead"
      },
      {"Container from a bad node. Exit status: 137. Diag", "spark.executor.memoryOverhead"},
      {"Container killed on request. Exit code is 137", "spark.executor.memoryOverhead"},
    };
  }

  @Test(dataProvider = "deaths")
  public void anExecutorThatMemoryEndedIsGivenMore(String said, String remedy) {
    assertThat(FailedRound.reason(new IllegalStateException("Job aborted: " + said)))
        .contains(remedy, "training.batch-size", said);
  }

  @DataProvider
  public Object[][] hungExecutors() {
    return new Object[][] {
      {"Command exited with code 124"},
      {"The executor with id 3 exited with exit code 124(unexpected)."},
      {"Container from a bad node. Exit status: 124. Diagnostics"},
    };
  }

  @Test(dataProvider = "hungExecutors")
  public void anExecutorThatEndedItselfHadATaskThatHung(String said) {
    assertThat(FailedRound.reason(new IllegalStateException("Job aborted: " + said)))
        .isEqualTo(
            "a task did not end within training.task-limit and did not heed an interrupt (raise it,"
                + " or see the executor's stderr): Job aborted: "
                + said);
  }

  @Test
  public void aNetworkOutOfMemoryIsGivenLessWithoutItsTraceback() {
    String traceback =
        "Job aborted due to stage failure: Task 0 in stage 3.0 failed 4 times, most recent failure:"
            + " ai.djl.engine.EngineException: The following operation failed in the TorchScript"
            + " interpreter.\nTraceback of TorchScript (most recent call last):\n  File"
            + " \"step.py\", line 41, in step\n    q = torch.matmul(x, w)\n        ~~~~~~ <---"
            + " HERE\nRuntimeError: ";
    for (String said :
        List.of(
            "CUDA out of memory. Tried to allocate 2.40 GiB. GPU 0 has a total capacity of 139 GiB"
                + " of which 1.1 GiB is free.",
            "can't allocate memory: you tried to allocate 4398046511104 bytes. Error code 12"
                + " (Cannot allocate memory)")) {
      String whole =
          traceback
              + (said.startsWith("can't")
                  ? "[enforce fail at alloc_cpu.cpp:116] err == 0. DefaultCPUAllocator: "
                  : "")
              + said
              + "\nException raised from malloc\n\n\tat ai.djl.pytorch.jni.JniUtils.a(J.java:1)";

      assertThat(FailedRound.reason(new IllegalStateException(whole)))
          .contains("training.micro-batch", "training.batch-size")
          .endsWith(": " + said);
    }
  }

  @Test
  public void otherExitsAreNotTakenForWantOfMemory() {
    for (String said : new String[] {"Command exited with code 1", "exited with code 525"}) {
      assertThat(FailedRound.reason(new IllegalStateException(said))).isEqualTo(said);
    }
  }
}
