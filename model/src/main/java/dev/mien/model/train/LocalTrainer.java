package dev.mien.model.train;

import static dev.mien.model.Bounds.requireAtLeastZero;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.mien.model.marlin.MarlinArchitecture;
import dev.mien.model.marlin.MarlinScript;
import dev.mien.model.nn.FlatVector;
import dev.mien.model.nn.ScriptModule;
import dev.mien.model.nn.TorchScript;
import dev.mien.model.objective.ClipBatch;
import dev.mien.model.objective.ObjectiveOptions;
import dev.mien.model.objective.ObjectiveOptions.Adversary;
import dev.mien.model.objective.ReconstructionTarget;
import dev.mien.model.optim.AdamWOptions;
import dev.mien.model.optim.DecayScope;
import dev.mien.model.optim.OptimiserOptions;
import dev.mien.model.optim.SgdOptions;
import dev.mien.model.parameters.ParameterLayout;
import dev.mien.model.parameters.ParameterVector;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A resident network that takes optimiser steps (Cai et al., MARLIN, CVPR 2023, section 3).
 *
 * <p>A step is a pure function of the state, the batch and the learning rate: on the same processor
 * with the same number of threads it gives the same bits. On a GPU it need not: CUDA's gradient of
 * fused attention is summed in no fixed order unless libtorch is told to use deterministic
 * algorithms, which DJL cannot do.
 *
 * <p>Not thread-safe; several trainers may run in one process, each in its thread. Close it.
 */
public final class LocalTrainer implements AutoCloseable {
  private final MarlinArchitecture architecture;
  private final Adversary adversary;
  private final ParameterLayout layout;
  private final ScriptModule network;
  private final FlatVector parameters;
  private final FlatVector firstMoment;
  private final FlatVector secondMoment;
  private long steps;

  private LocalTrainer(MarlinArchitecture architecture, Adversary adversary, ScriptModule network) {
    this.architecture = architecture;
    this.adversary = adversary;
    this.layout = architecture.layout();
    this.network = network;
    this.parameters = FlatVector.zeros(network.manager(), layout.size());
    this.firstMoment = FlatVector.zeros(network.manager(), layout.size());
    this.secondMoment = FlatVector.zeros(network.manager(), layout.size());
  }

  /** Opens a trainer that computes in float32, with the whole batch at once. */
  public static LocalTrainer open(
      MarlinArchitecture a, ObjectiveOptions objective, OptimiserOptions optimiser, Device device) {
    return open(a, objective, optimiser, Execution.on(device));
  }

  /**
   * Compiles the network on the device; its parameters are zero until {@link #load}.
   *
   * @throws IllegalStateException if the device is not there, with what to install
   */
  public static LocalTrainer open(
      MarlinArchitecture a,
      ObjectiveOptions objective,
      OptimiserOptions optimiser,
      Execution execution) {
    int microBatch = execution.microBatch() == 0 ? Integer.MAX_VALUE : execution.microBatch();
    boolean normalised = objective.target() == ReconstructionTarget.NORMALISED_PIXELS;
    TorchScript script =
        MarlinScript.pretraining(a, execution.precision())
            .with("micro_batch", microBatch)
            .with("normalised_targets", normalised ? 1 : 0)
            .with("adversarial_weight", objective.adversary().weight())
            .with("discriminator_steps", objective.adversary().discriminatorSteps())
            .with("generator_steps", objective.adversary().generatorSteps())
            .with("gradient_penalty", objective.adversary().gradientPenalty());
    ScriptModule network =
        ScriptModule.load(withOptimiser(script, a, optimiser), execution.device());
    try {
      return new LocalTrainer(a, objective.adversary(), network);
    } catch (RuntimeException e) { // the device has too little memory for the state
      network.close();
      throw e;
    }
  }

  private static TorchScript withOptimiser(
      TorchScript script, MarlinArchitecture a, OptimiserOptions optimiser) {
    // the script has AdamW's constants whatever the optimiser
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
   * Loads a state.
   *
   * @throws IllegalArgumentException if its layout is that of another architecture
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

  /** Sets how many steps the state has behind it, which AdamW's bias correction depends on. */
  public void resumeAt(long steps) {
    this.steps = steps;
  }

  /**
   * The state itself, to be read or written in parts: parameters, first and second moment. The
   * vectors are closed with this trainer.
   */
  public List<FlatVector> vectors() {
    return List.of(parameters, firstMoment, secondMoment);
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
   * The steps of the discriminator, when it has a weight, and then those of the generator against
   * it, each a step of the optimiser on the whole batch.
   *
   * <p>The same mathematics as the reference's training step with less of it computed. The
   * reference runs the generator forward for every step of either network, and backward in those of
   * the discriminator too, whose gradients for the generator it then discards. Here predictions are
   * constants to the discriminator, and since its steps do not change the generator they all share
   * one forward pass, as does the generator's first step; each further step of the generator runs
   * forward again, because its parameters have changed. A batch differentiated in parts runs
   * forward twice: once for the discriminator, without gradients, and once for the generator.
   * Predictions are a linear map of the decoder's output, so that what the discriminator's first
   * layer makes of them, and its gradients, are computed from that narrower output.
   *
   * <p>A gradient penalty looks between real and predicted patches at one place a step of the
   * discriminator, as the reference's; it is drawn from the batch's masks and the step's number.
   *
   * @throws NonFiniteLossException if a loss or gradient is not finite; the state is as before
   * @throws IllegalArgumentException if the batch does not fit the architecture, or the learning
   *     rate is negative or not finite
   */
  public StepLoss step(ClipBatch batch, double learningRate) {
    batch.requireFit(architecture);
    requireAtLeastZero("learning rate", learningRate);
    try (NDManager scope = network.manager().newSubManager()) {
      return step(scope, batch, pixels(scope, batch), learningRate);
    } finally {
      Reference.reachabilityFence(batch);
    }
  }

  /**
   * Takes a step as {@link #step(ClipBatch, double)} does, with pixels that may also be float32 in
   * [0,1].
   */
  StepLoss step(NDManager scope, ClipBatch batch, NDArray pixels, double learningRate) {
    try (NDManager host = scope.newSubManager(Device.cpu())) {
      NDArray schedule = host.create(schedule(batch, learningRate));
      NDList result =
          network.train(
              "step",
              pixels,
              tokens(scope, batch, batch.seen()),
              tokens(scope, batch, batch.asked()),
              parameters.array(),
              firstMoment.array(),
              secondMoment.array(),
              schedule);
      double[] values = result.singletonOrThrow().toDoubleArray();
      var loss = new StepLoss(values[0], values[1], values[2], values[3]);
      if (values[4] == 0) {
        throw new NonFiniteLossException(loss, batch.clipIds());
      }
      steps++;
      return loss;
    }
  }

  /** Computes the batch's losses over all masked tokens, without gradients, a penalty or a step. */
  public StepLoss evaluate(ClipBatch batch) {
    batch.requireFit(architecture);
    try (NDManager scope = network.manager().newSubManager()) {
      double[] values = infer("evaluate", scope, batch).singletonOrThrow().toDoubleArray();
      return new StepLoss(values[0], values[1], values[2], 0);
    } finally {
      Reference.reachabilityFence(batch);
    }
  }

  /** Fills the masked tokens with the network's predictions. */
  public Reconstruction reconstruct(ClipBatch batch) {
    batch.requireFit(architecture);
    try (NDManager scope = network.manager().newSubManager()) {
      NDList clips = infer("reconstruct", scope, batch);
      return new Reconstruction(copy(clips.get(0)), copy(clips.get(1)));
    } finally {
      Reference.reachabilityFence(batch);
    }
  }

  /** For tests that make pixels of their own. */
  NDManager scope() {
    return network.manager().newSubManager();
  }

  private NDList infer(String method, NDManager scope, ClipBatch batch) {
    return network.infer(
        method,
        pixels(scope, batch),
        tokens(scope, batch, batch.seen()),
        tokens(scope, batch, batch.hidden()),
        parameters.array());
  }

  private NDArray pixels(NDManager scope, ClipBatch batch) {
    int side = architecture.image();
    var shape = new Shape(batch.size(), architecture.frames(), side, side, 3);
    return scope.create(batch.pixels().duplicate().position(0), shape, DataType.UINT8);
  }

  double[] schedule(ClipBatch batch, double learningRate) {
    var schedule = new double[2 + adversary.discriminatorSteps()];
    schedule[0] = learningRate;
    schedule[1] = steps + 1;
    var random = new SplittableRandom(31 * steps + Arrays.hashCode(batch.visible()));
    for (int i = 2; i < schedule.length; i++) {
      schedule[i] = random.nextDouble();
    }
    return schedule;
  }

  /** {@code [B,count]} */
  private static NDArray tokens(NDManager scope, ClipBatch batch, long[] tokens) {
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
