package dev.mien.model.train;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.mien.model.marlin.MarlinArchitecture;
import dev.mien.model.marlin.MarlinScript;
import dev.mien.model.nn.FlatVector;
import dev.mien.model.nn.Precision;
import dev.mien.model.nn.ScriptModule;
import dev.mien.model.nn.TorchScript;
import dev.mien.model.objective.ClipBatch;
import dev.mien.model.objective.ObjectiveOptions;
import dev.mien.model.optim.AdamWOptions;
import dev.mien.model.optim.DecayScope;
import dev.mien.model.optim.OptimiserOptions;
import dev.mien.model.optim.SgdOptions;
import dev.mien.model.parameters.ParameterLayout;
import dev.mien.model.parameters.ParameterVector;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A resident network that takes optimiser steps (Cai et al., MARLIN, CVPR 2023, section 3).
 *
 * <p>A step is a pure function of the state, the batch and the learning rate: on the same device
 * with the same number of threads it gives the same bits. Not thread-safe; several trainers may run
 * in one process, each in its thread. Close it.
 */
public final class LocalTrainer implements AutoCloseable {
  private final MarlinArchitecture architecture;
  private final ParameterLayout layout;
  private final ScriptModule network;
  private final FlatVector parameters;
  private final FlatVector firstMoment;
  private final FlatVector secondMoment;
  private long steps;

  private LocalTrainer(MarlinArchitecture architecture, ScriptModule network) {
    this.architecture = architecture;
    this.layout = architecture.layout();
    this.network = network;
    this.parameters = FlatVector.zeros(network.manager(), layout.size());
    this.firstMoment = FlatVector.zeros(network.manager(), layout.size());
    this.secondMoment = FlatVector.zeros(network.manager(), layout.size());
  }

  /** Computes in float32. */
  public static LocalTrainer open(
      MarlinArchitecture a, ObjectiveOptions objective, OptimiserOptions optimiser, Device device) {
    return open(a, objective, optimiser, Precision.FLOAT32, device);
  }

  /**
   * Compiles the network on the device; its parameters are zero until {@link #load}.
   *
   * @param precision in which the network computes; the state is float32 in any case
   */
  public static LocalTrainer open(
      MarlinArchitecture a,
      ObjectiveOptions objective,
      OptimiserOptions optimiser,
      Precision precision,
      Device device) {
    TorchScript script =
        MarlinScript.pretraining(a, precision)
            .with("adversarial_weight", objective.adversarialWeight());
    ScriptModule network = ScriptModule.load(withOptimiser(script, a, optimiser), device);
    try {
      return new LocalTrainer(a, network);
    } catch (RuntimeException e) { // the device's memory does not hold the state
      network.close();
      throw e;
    }
  }

  private static TorchScript withOptimiser(
      TorchScript script, MarlinArchitecture a, OptimiserOptions optimiser) {
    // the script has AdamW's constants in any case
    AdamWOptions adamw =
        optimiser instanceof AdamWOptions options ? options : AdamWOptions.marlin();
    return script
        .with("sgd", optimiser instanceof SgdOptions ? 1 : 0)
        .with("beta1", adamw.beta1())
        .with("beta2", adamw.beta2())
        .with("epsilon", adamw.epsilon())
        .with("weight_decay", adamw.weightDecay())
        .with("gradient_clip", optimiser.gradientClip())
        .with("decayed", decayed(a.layout(), adamw.decayScope()));
  }

  private static List<Integer> decayed(ParameterLayout layout, DecayScope scope) {
    return layout.parameters().stream().map(p -> scope.covers(p.name()) ? 1 : 0).toList();
  }

  /**
   * Takes over a state.
   *
   * @throws IllegalArgumentException if its layout is another architecture's
   */
  public void load(TrainingState state) {
    if (!state.parameters().layout().equals(layout)) {
      throw new IllegalArgumentException(
          "Invalid training state: its %s is not that of %s, %s"
              .formatted(state.parameters().layout(), architecture, layout));
    }
    parameters.set(state.parameters().values());
    firstMoment.set(state.firstMoment().values());
    secondMoment.set(state.secondMoment().values());
    steps = state.steps();
  }

  /** A copy of the state. */
  public TrainingState state() {
    return new TrainingState(
        steps,
        new ParameterVector(layout, parameters.values()),
        new ParameterVector(layout, firstMoment.values()),
        new ParameterVector(layout, secondMoment.values()));
  }

  /**
   * One optimiser step of the discriminator, when it has a weight, and then of the generator
   * against it, from one forward pass of the generator.
   *
   * @throws NonFiniteLossException if a loss or gradient is not finite; the state is as before
   * @throws IllegalArgumentException if the batch does not fit the architecture, or the learning
   *     rate is negative or not finite
   */
  public StepLoss step(ClipBatch batch, double learningRate) {
    batch.requireFit(architecture);
    if (!(learningRate >= 0 && learningRate < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "Invalid learning rate: " + learningRate + " (must be at least 0)");
    }
    try (NDManager scope = network.manager().newSubManager()) {
      return step(scope, batch, pixels(scope, batch), learningRate);
    } finally {
      Reference.reachabilityFence(batch);
    }
  }

  /** As {@link #step(ClipBatch, double)}, with pixels that may also be float32 in [0,1]. */
  StepLoss step(NDManager scope, ClipBatch batch, NDArray pixels, double learningRate) {
    try (NDManager host = scope.newSubManager(Device.cpu())) {
      NDArray schedule = host.create(new double[] {learningRate, steps + 1});
      NDList result =
          network.train(
              "step",
              pixels,
              tokens(scope, batch, 1),
              tokens(scope, batch, 0),
              parameters.array(),
              firstMoment.array(),
              secondMoment.array(),
              schedule);
      double[] values = result.singletonOrThrow().toDoubleArray();
      var loss = new StepLoss(values[0], values[1], values[2], values[3]);
      if (values[4] == 0) {
        throw new NonFiniteLossException(loss, steps, batch.clipIds());
      }
      steps++;
      return loss;
    }
  }

  /** The batch's losses without gradients or a step. */
  public StepLoss evaluate(ClipBatch batch) {
    batch.requireFit(architecture);
    try (NDManager scope = network.manager().newSubManager()) {
      double[] values = infer("evaluate", scope, batch).singletonOrThrow().toDoubleArray();
      return new StepLoss(values[0], values[1], values[2], 0);
    } finally {
      Reference.reachabilityFence(batch);
    }
  }

  /** What the network would fill the masked tokens with. */
  public Reconstruction reconstruct(ClipBatch batch) {
    batch.requireFit(architecture);
    try (NDManager scope = network.manager().newSubManager()) {
      NDList clips = infer("reconstruct", scope, batch);
      return new Reconstruction(copy(clips.get(0)), copy(clips.get(1)));
    } finally {
      Reference.reachabilityFence(batch);
    }
  }

  /** Where a test puts pixels of its own. */
  NDManager scope() {
    return network.manager().newSubManager();
  }

  private NDList infer(String method, NDManager scope, ClipBatch batch) {
    return network.infer(
        method,
        pixels(scope, batch),
        tokens(scope, batch, 1),
        tokens(scope, batch, 0),
        parameters.array());
  }

  private NDArray pixels(NDManager scope, ClipBatch batch) {
    int side = architecture.image();
    var shape = new Shape(batch.size(), architecture.frames(), side, side, 3);
    return scope.create(batch.pixels().duplicate().position(0), shape, DataType.UINT8);
  }

  /** The numbers of the tokens with this flag, ascending: {@code [B,count]}. */
  private static NDArray tokens(NDManager scope, ClipBatch batch, int flag) {
    long[] tokens = batch.tokens(flag);
    return scope.create(tokens, new Shape(batch.size(), tokens.length / batch.size()));
  }

  private static ByteBuffer copy(NDArray clips) {
    ByteBuffer source = clips.toByteBuffer();
    return ByteBuffer.allocateDirect(source.remaining()).put(source).flip();
  }

  @Override
  public void close() {
    network.close();
  }
}
