package dev.mien.model.nn;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ModelException;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.repository.zoo.Criteria;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;

/**
 * A loaded TorchScript network on one device. A process may have several. Many threads may run
 * inference on one at once, but only one thread may train it. Close it.
 */
public final class ScriptModule implements AutoCloseable {
  private final NDManager manager;
  private final PtSymbolBlock block;
  private final Runnable end;

  private ScriptModule(NDManager manager, PtSymbolBlock block, Runnable end) {
    this.manager = manager;
    this.block = block;
    this.end = end;
  }

  /**
   * Compiles the script on the device.
   *
   * @throws IllegalStateException if it is a GPU that PyTorch does not see, with what to install
   */
  public static ScriptModule load(TorchScript script, Device device) {
    requireThere(device);
    return ProcessEnd.after(() -> compile(script, device));
  }

  private static ScriptModule compile(TorchScript script, Device device) {
    var archive = new ByteArrayOutputStream();
    NDManager manager = Engine.getEngine("PyTorch").newBaseManager(device);
    try {
      script.write(archive);
      var block =
          JniUtils.loadModule(
              (PtNDManager) manager, new ByteArrayInputStream(archive.toByteArray()), false, false);
      return new ScriptModule(
          manager,
          block,
          () -> {
            block.close();
            manager.close();
          });
    } catch (IOException e) {
      manager.close();
      throw new UncheckedIOException(e);
    } catch (RuntimeException e) {
      manager.close();
      throw e;
    }
  }

  /**
   * Loads a directory as DJL loads a model; its files may be deleted afterwards.
   *
   * @throws IOException if it cannot be read or is no model
   * @throws IllegalStateException as {@link #load(TorchScript, Device)}
   */
  public static ScriptModule load(Path dir, Device device) throws IOException {
    requireThere(device);
    return ProcessEnd.after(() -> read(dir, device));
  }

  private static ScriptModule read(Path dir, Device device) throws IOException {
    try {
      Model model =
          Criteria.builder()
              .setTypes(NDList.class, NDList.class)
              .optModelPath(dir)
              .optEngine("PyTorch")
              .optDevice(device)
              .build()
              .loadModel();
      // The last argument also keeps the model referenced: DJL closes a model that is not.
      return new ScriptModule(model.getNDManager(), (PtSymbolBlock) model.getBlock(), model::close);
    } catch (ModelException | EngineException e) {
      throw new IOException("Cannot load the model in " + dir + ": " + e.getMessage(), e);
    }
  }

  /**
   * Checks that PyTorch can compute on the device.
   *
   * @throws IllegalStateException if it is a GPU that PyTorch does not see, with what to install
   */
  private static void requireThere(Device device) {
    int gpus = Engine.getEngine("PyTorch").getGpuCount();
    if (device.isGpu() && device.getDeviceId() >= gpus) {
      throw new IllegalStateException(
          "No "
              + device
              + ": PyTorch sees "
              + gpus
              + " GPUs (needs NVIDIA's driver, CUDA's libcudart 12, and"
              + " ai.djl.pytorch:pytorch-native-cu128 ahead of mien.jar on the class path, as"
              + " deploy/gpu/README.md says; or set training.device = cpu)");
    }
  }

  /** The manager of everything that lives as long as the module. */
  public NDManager manager() {
    return manager;
  }

  /** Calls a method without gradients; the result belongs to the first input's manager. */
  public NDList infer(String method, NDArray... inputs) {
    return ProcessEnd.after(() -> run(method, inputs));
  }

  private NDList run(String method, NDArray... inputs) {
    runAsWritten();
    var handles = new ArrayList<IValue>(inputs.length);
    try {
      for (NDArray input : inputs) {
        handles.add(IValue.from((PtNDArray) input));
      }
      try (IValue result = IValueUtils.runMethod(block, method, handles.toArray(IValue[]::new))) {
        return result.toNDList((PtNDManager) inputs[0].getManager());
      }
    } finally {
      handles.forEach(IValue::close);
    }
  }

  /**
   * Calls a method that differentiates; the result belongs to the first input's manager.
   *
   * <p>The method has no arguments: it finds the inputs where the script's {@code hold(self,
   * inputs: List[Tensor])} has put them, and they are released afterwards. DJL's one way to call
   * with gradients never closes the handles of arguments when the method fails.
   */
  public NDList train(String method, NDArray... inputs) {
    return ProcessEnd.after(() -> differentiate(method, inputs));
  }

  private NDList differentiate(String method, NDArray... inputs) {
    runAsWritten();
    try {
      hold(inputs);
      JniUtils.setGradMode(true);
      return IValueUtils.forward(block, new NDList(named(method, inputs[0].getManager())), true);
    } finally {
      JniUtils.setGradMode(false);
      hold();
    }
  }

  private void hold(NDArray... inputs) {
    PtNDArray[] arrays = Arrays.copyOf(inputs, inputs.length, PtNDArray[].class);
    try (IValue handle = IValue.listFrom(arrays)) {
      IValueUtils.runMethod(block, "hold", handle).close();
    }
  }

  /**
   * Turns off this thread's graph optimiser, which would compile again for each new batch size and
   * differentiate in its own way.
   */
  private static void runAsWritten() {
    JniUtils.setGraphExecutorOptimize(false);
  }

  /** An extra, ignored input, from which DJL takes the method's name. */
  private static NDArray named(String method, NDManager manager) {
    NDArray name = manager.zeros(new Shape(1));
    name.setName("module_method:" + method);
    return name;
  }

  @Override
  public void close() {
    ProcessEnd.before(end);
  }
}
