package dev.mien.model.benchmark;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.training.GradientCollector;
import ai.djl.training.optimizer.AdamW;
import ai.djl.training.tracker.Tracker;
import dev.mien.model.marlin.MarlinArchitecture;
import dev.mien.model.objective.ClipBatch;
import dev.mien.model.parameters.ParameterLayout;
import dev.mien.model.parameters.ParameterVector;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The reconstruction step as one would write it with DJL's operators: attention from two products
 * and a softmax, DJL's AdamW. What the trainer is compared with; it computes the same loss.
 */
final class PlainOperators implements AutoCloseable {
  private final MarlinArchitecture architecture;
  private final NDManager manager = Engine.getEngine("PyTorch").newBaseManager(Device.cpu());
  private final ParameterLayout layout;
  private final List<NDArray> parameters = new ArrayList<>();
  private final NDArray encoderPositions;
  private final NDArray decoderPositions;
  private final AdamW optimiser;
  private int next;

  PlainOperators(MarlinArchitecture a, ParameterVector state, float learningRate) {
    this.architecture = a;
    this.layout = a.generatorLayout();
    this.optimiser =
        AdamW.builder().optLearningRateTracker(Tracker.fixed(learningRate)).optBeta2(0.95f).build();
    for (ParameterLayout.Parameter parameter : layout.parameters()) {
      int offset = state.layout().offset(parameter.name());
      float[] values = Arrays.copyOfRange(state.values(), offset, offset + parameter.size());
      long[] shape = parameter.shape().stream().mapToLong(Integer::longValue).toArray();
      NDArray array = manager.create(values).reshape(shape).duplicate();
      array.setRequiresGradient(true);
      parameters.add(array);
    }
    this.encoderPositions = positions(a.tokens(), a.encoderWidth());
    this.decoderPositions = positions(a.tokens(), a.decoderWidth());
  }

  /** One step; the loss before it. */
  float step(ClipBatch batch) {
    try (NDManager scope = manager.newSubManager()) {
      float loss;
      try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
        NDArray objective = loss(scope, batch);
        collector.backward(objective);
        loss = objective.getFloat();
      }
      for (int i = 0; i < parameters.size(); i++) {
        try (NDArray gradient = parameters.get(i).getGradient()) {
          optimiser.update(layout.parameters().get(i).name(), parameters.get(i), gradient);
          gradient.subi(gradient);
        }
      }
      return loss;
    }
  }

  private NDArray loss(NDManager scope, ClipBatch batch) {
    next = 0;
    encoderPositions.tempAttach(scope); // or results would be the model's
    decoderPositions.tempAttach(scope);
    MarlinArchitecture a = architecture;
    int clips = batch.size();
    NDArray visible = index(scope, batch, batch.seen());
    NDArray masked = index(scope, batch, batch.asked());
    NDArray patches = patches(scope, batch);
    // (B,V,values) -> (B,V,D)
    NDArray seen = take(patches, visible);
    NDArray weight = parameter(scope);
    NDArray x = linear(seen, weight.reshape(a.encoderWidth(), a.patchValues()), parameter(scope));
    x = x.add(rows(encoderPositions, visible));
    for (int block = 0; block < a.encoderDepth(); block++) {
      x = block(scope, x, a.encoderHeads());
    }
    x = norm(scope, x);
    x = Linear.linear(x, parameter(scope)).singletonOrThrow();
    NDArray token = parameter(scope);
    NDArray hidden = rows(decoderPositions, masked).add(token);
    x = x.add(rows(decoderPositions, visible)).concat(hidden, 1);
    for (int block = 0; block < a.decoderDepth(); block++) {
      x = block(scope, x, a.decoderHeads());
    }
    long shown = visible.getShape().get(1);
    x = norm(scope, x.get(new NDIndex(":, {}:, :", shown)));
    x = linear(x, parameter(scope), parameter(scope));
    NDArray difference = x.sub(take(patches, masked));
    return difference.mul(difference).reshape(clips, -1).mean();
  }

  private NDArray block(NDManager scope, NDArray x, int heads) {
    long clips = x.getShape().get(0);
    long tokens = x.getShape().get(1);
    long width = x.getShape().get(2);
    NDArray y = norm(scope, x);
    NDArray query = parameter(scope);
    NDArray value = parameter(scope);
    NDArray bias = NDArrays.concat(new NDList(query, scope.zeros(query.getShape()), value));
    // (B,N,3D) -> (3,B,S,N,H)
    y = linear(y, parameter(scope), bias).reshape(clips, tokens, 3, heads, width / heads);
    y = y.transpose(2, 0, 3, 1, 4);
    NDArray scale = scope.full(new Shape(1), (float) (1 / Math.sqrt((double) width / heads)));
    NDArray scores = y.get(0).mul(scale).matMul(y.get(1).transpose(0, 1, 3, 2));
    y = scores.softmax(-1).matMul(y.get(2)); // (B,S,N,H)
    y = y.transpose(0, 2, 1, 3).reshape(clips, tokens, width);
    x = x.add(linear(y, parameter(scope), parameter(scope)));
    y = norm(scope, x);
    y = Activation.gelu(linear(y, parameter(scope), parameter(scope)));
    return x.add(linear(y, parameter(scope), parameter(scope)));
  }

  private NDArray norm(NDManager scope, NDArray x) {
    var width = new Shape(x.getShape().get(x.getShape().dimension() - 1));
    return LayerNorm.layerNorm(x, width, parameter(scope), parameter(scope), 1e-5f)
        .singletonOrThrow();
  }

  private static NDArray linear(NDArray x, NDArray weight, NDArray bias) {
    return Linear.linear(x, weight, bias).singletonOrThrow();
  }

  /** The next parameter in the layout's order; results with it are the scope's. */
  private NDArray parameter(NDManager scope) {
    NDArray parameter = parameters.get(next++);
    parameter.tempAttach(scope);
    return parameter;
  }

  /** (B,T,H,W,3) -> (B,N,values) in [0,1] */
  private NDArray patches(NDManager scope, ClipBatch batch) {
    MarlinArchitecture a = architecture;
    int grid = a.gridSide();
    var shape =
        new Shape(batch.size(), a.tubelets(), a.tubelet(), grid, a.patch(), grid, a.patch(), 3);
    return scope
        .create(batch.pixels().duplicate().position(0), shape, DataType.UINT8)
        .toType(DataType.FLOAT32, true)
        .div(scope.full(new Shape(1), 255f))
        .transpose(0, 1, 3, 5, 7, 2, 4, 6)
        .reshape(batch.size(), a.tokens(), a.patchValues());
  }

  private static NDArray index(NDManager scope, ClipBatch batch, long[] tokens) {
    return scope.create(tokens, new Shape(batch.size(), tokens.length / batch.size()));
  }

  /** (B,N,V), (B,count) -> (B,count,V) */
  private static NDArray take(NDArray patches, NDArray index) {
    long count = index.getShape().get(1);
    long clips = patches.getShape().get(0);
    long values = patches.getShape().get(2);
    return patches.gather(index.expandDims(2).broadcast(clips, count, values), 1);
  }

  /** (N,D), (B,count) -> (B,count,D) */
  private static NDArray rows(NDArray table, NDArray index) {
    long clips = index.getShape().get(0);
    long count = index.getShape().get(1);
    long width = table.getShape().get(1);
    NDArray numbers = index.reshape(clips * count, 1).broadcast(clips * count, width);
    return table.gather(numbers, 0).reshape(clips, count, width);
  }

  private NDArray positions(int tokens, int width) {
    var table = new float[tokens * width];
    for (int i = 0; i < table.length; i++) {
      int token = i / width;
      int column = i % width;
      double angle = token / Math.pow(10000, (double) (column - column % 2) / width);
      table[i] = (float) (column % 2 == 0 ? Math.sin(angle) : Math.cos(angle));
    }
    return manager.create(table, new Shape(tokens, width)).duplicate();
  }

  @Override
  public void close() {
    manager.close();
  }
}
