package dev.mien.model.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

public class ScriptModuleTest {
  private static final int FAILURES = 32;
  private static final int INPUT = 4 << 20;

  private interface Call {
    NDList run(ScriptModule module, NDArray input);
  }

  @DataProvider
  public Object[][] calls() {
    Call infer = (module, input) -> module.infer("infer", input);
    Call train = (module, input) -> module.train("train", input);
    return new Object[][] {{"without gradients", infer}, {"with gradients", train}};
  }

  @Test(dataProvider = "calls")
  public void aScriptThatFailsKeepsNothing(String name, Call call) throws IOException {
    var script =
        new TorchScript(
                """
                  def infer(self, x: Tensor) -> Tensor:
                    return x.view([-1, 7])

                  def hold(self, inputs: List[Tensor]) -> None:
                    self.held = inputs

                  def train(self) -> Tensor:
                    return self.held[0].view([-1, 7])
                """)
            .withTensors("held");
    try (ScriptModule module = ScriptModule.load(script, Device.cpu())) {
      fail(module, call);
      long before = residentBytes();
      for (int i = 0; i < FAILURES; i++) {
        fail(module, call);
      }
      long grown = residentBytes() - before;
      assertThat(grown).as("bytes after inputs of 512 MiB, %s", name).isLessThan(256 << 20);
    }
  }

  private static void fail(ScriptModule module, Call call) {
    try (NDManager scope = module.manager().newSubManager()) {
      NDArray input = scope.ones(new Shape(INPUT));
      assertThatThrownBy(() -> call.run(module, input))
          .isInstanceOf(EngineException.class)
          .hasMessageContaining("shape '[-1, 7]' is invalid");
    }
  }

  private static long residentBytes() throws IOException {
    String pages = Files.readString(Path.of("/proc/self/statm")).split(" ", -1)[1];
    return Long.parseLong(pages) * 4096;
  }
}
