package dev.mien.model.train;

import dev.mien.model.marlin.MarlinArchitecture;
import dev.mien.model.objective.ClipBatch;
import dev.mien.model.objective.ObjectiveOptions;
import dev.mien.model.objective.ReconstructionTarget;
import dev.mien.model.parameters.ParameterLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * MARLIN's losses written out in loops over doubles, for networks of a few thousand parameters.
 * Nothing is shared with the network under test but the names and order of the parameters.
 */
final class DoubleMarlin {
  private final MarlinArchitecture a;
  private final ObjectiveOptions objective;
  private final ClipBatch batch;
  private final double[] values;
  private final ParameterLayout layout;
  private final Map<String, Integer> sizes = new HashMap<>();

  DoubleMarlin(MarlinArchitecture a, ObjectiveOptions objective, ClipBatch batch, double[] values) {
    this.a = a;
    this.objective = objective;
    this.batch = batch;
    this.values = values;
    this.layout = a.layout();
    layout.parameters().forEach(parameter -> sizes.put(parameter.name(), parameter.size()));
  }

  /** Predictions for the tokens asked for, of all clips. */
  double[][] predictions() {
    var all = new ArrayList<double[]>();
    for (int clip = 0; clip < batch.size(); clip++) {
      all.addAll(List.of(predict(clip)));
    }
    return all.toArray(double[][]::new);
  }

  /** What the predictions are compared with. */
  double[][] targets() {
    var all = new ArrayList<double[]>();
    for (int clip = 0; clip < batch.size(); clip++) {
      double[][] patches = patches(clip);
      for (int token : tokens(clip, ClipBatch.MASKED)) {
        all.add(
            objective.target() == ReconstructionTarget.PIXELS
                ? patches[token]
                : normalised(patches[token]));
      }
    }
    return all.toArray(double[][]::new);
  }

  double reconstruction(double[][] predictions, double[][] targets) {
    double sum = 0;
    for (int i = 0; i < targets.length; i++) {
      for (int j = 0; j < targets[i].length; j++) {
        sum += Math.pow(predictions[i][j] - targets[i][j], 2);
      }
    }
    return sum / targets.length / targets[0].length;
  }

  double score(double[][] patches) {
    double sum = 0;
    int second = offset("discriminator.layers.1.linear.weight");
    for (double[] hidden : linear(patches, "discriminator.layers.0.linear", true)) {
      sum += values[offset("discriminator.layers.1.linear.bias")];
      for (int i = 0; i < hidden.length; i++) {
        sum += values[second + i] * hidden[i] * (hidden[i] > 0 ? 1 : 0.01);
      }
    }
    return sum / patches.length;
  }

  double penalty(double[][] real, double[][] predicted, double share) {
    var between = new double[real.length][real[0].length];
    for (int i = 0; i < real.length; i++) {
      for (int j = 0; j < real[i].length; j++) {
        between[i][j] = share * real[i][j] + (1 - share) * predicted[i][j];
      }
    }
    int first = offset("discriminator.layers.0.linear.weight");
    int second = offset("discriminator.layers.1.linear.weight");
    double sum = 0;
    for (double[] hidden : linear(between, "discriminator.layers.0.linear", true)) {
      double square = 0;
      for (int j = 0; j < real[0].length; j++) {
        double slope = 0;
        for (int i = 0; i < hidden.length; i++) {
          slope +=
              values[second + i]
                  * (hidden[i] > 0 ? 1 : 0.01)
                  * values[first + i * real[0].length + j];
        }
        square += slope * slope;
      }
      sum += Math.pow(Math.sqrt(square) - 1, 2);
    }
    return sum / real.length;
  }

  private double[][] predict(int clip) {
    double[][] patches = patches(clip);
    int[] visible = tokens(clip, ClipBatch.VISIBLE);
    int[] asked = tokens(clip, ClipBatch.MASKED);
    double[][] x = IntStream.of(visible).mapToObj(i -> patches[i]).toArray(double[][]::new);
    x = linear(x, "encoder.patch_embedding.projection", true);
    place(x, visible);
    for (int block = 0; block < a.encoderDepth(); block++) {
      x = block(x, "encoder.blocks." + block, a.encoderHeads());
    }
    x = linear(norm(x, "encoder.norm"), "enc_dec_proj", false);
    place(x, visible);
    var tokens = new ArrayList<>(List.of(x));
    var hidden = new double[asked.length][a.decoderWidth()];
    for (double[] token : hidden) {
      for (int i = 0; i < token.length; i++) {
        token[i] = values[offset("decoder.mask_token") + i];
      }
    }
    place(hidden, asked);
    tokens.addAll(List.of(hidden));
    x = tokens.toArray(double[][]::new);
    for (int block = 0; block < a.decoderDepth(); block++) {
      x = block(x, "decoder.blocks." + block, a.decoderHeads());
    }
    x = norm(x, "decoder.norm");
    double[][] last =
        IntStream.range(visible.length, x.length).mapToObj(row(x)).toArray(double[][]::new);
    return linear(last, "decoder.head", true);
  }

  private static IntFunction<double[]> row(double[][] x) {
    return i -> x[i];
  }

  private double[][] block(double[][] x, String name, int heads) {
    double[][] y = attention(norm(x, name + ".norm1"), name + ".attn", heads);
    add(y, x);
    double[][] z = linear(norm(y, name + ".norm2"), name + ".mlp.layers.0.linear", true);
    for (double[] token : z) {
      for (int i = 0; i < token.length; i++) {
        token[i] *= 0.5 * (1 + erf(token[i] / Math.sqrt(2)));
      }
    }
    z = linear(z, name + ".mlp.layers.1.linear", true);
    add(z, y);
    return z;
  }

  private double[][] attention(double[][] x, String name, int heads) {
    int width = x[0].length;
    int size = width / heads;
    double[][] qkv = linear(x, name + ".qkv", false);
    for (double[] token : qkv) {
      for (int i = 0; i < width; i++) {
        token[i] += values[offset(name + ".q_bias") + i];
        token[2 * width + i] += values[offset(name + ".v_bias") + i];
      }
    }
    var mixed = new double[x.length][width];
    for (int head = 0; head < heads; head++) {
      for (int i = 0; i < x.length; i++) {
        var weights = new double[x.length];
        double sum = 0;
        for (int j = 0; j < x.length; j++) {
          double product = 0;
          for (int k = 0; k < size; k++) {
            product += qkv[i][head * size + k] * qkv[j][width + head * size + k];
          }
          weights[j] = Math.exp(product / Math.sqrt(size));
          sum += weights[j];
        }
        for (int j = 0; j < x.length; j++) {
          for (int k = 0; k < size; k++) {
            mixed[i][head * size + k] += weights[j] / sum * qkv[j][2 * width + head * size + k];
          }
        }
      }
    }
    return linear(mixed, name + ".proj", true);
  }

  private double[][] linear(double[][] x, String name, boolean biased) {
    int weight = offset(name + ".weight");
    int in = x[0].length;
    int out = size(name + ".weight") / in;
    int bias = biased ? offset(name + ".bias") : 0;
    var y = new double[x.length][out];
    for (int t = 0; t < x.length; t++) {
      for (int o = 0; o < out; o++) {
        double sum = biased ? values[bias + o] : 0;
        for (int i = 0; i < in; i++) {
          sum += values[weight + o * in + i] * x[t][i];
        }
        y[t][o] = sum;
      }
    }
    return y;
  }

  private double[][] norm(double[][] x, String name) {
    var y = new double[x.length][x[0].length];
    for (int t = 0; t < x.length; t++) {
      double mean = IntStream.range(0, x[t].length).mapToDouble(at(x[t])).average().orElseThrow();
      double variance = 0;
      for (double value : x[t]) {
        variance += Math.pow(value - mean, 2) / x[t].length;
      }
      for (int i = 0; i < x[t].length; i++) {
        y[t][i] =
            (x[t][i] - mean) / Math.sqrt(variance + 1e-5) * values[offset(name + ".weight") + i]
                + values[offset(name + ".bias") + i];
      }
    }
    return y;
  }

  private static IntToDoubleFunction at(double[] row) {
    return i -> row[i];
  }

  private static void place(double[][] x, int[] tokens) {
    for (int t = 0; t < x.length; t++) {
      int width = x[t].length;
      for (int i = 0; i < width; i++) {
        double angle = tokens[t] / Math.pow(10000, 2.0 * Math.floorDiv(i, 2) / width);
        x[t][i] += i % 2 == 0 ? Math.sin(angle) : Math.cos(angle);
      }
    }
  }

  private static void add(double[][] to, double[][] from) {
    for (int t = 0; t < to.length; t++) {
      for (int i = 0; i < to[t].length; i++) {
        to[t][i] += from[t][i];
      }
    }
  }

  /** Patches of a clip, channel first, then frame, row and column. */
  private double[][] patches(int clip) {
    int grid = a.gridSide();
    int side = a.image();
    var patches = new double[a.tokens()][a.patchValues()];
    for (int token = 0; token < a.tokens(); token++) {
      int i = 0;
      for (int channel = 0; channel < 3; channel++) {
        for (int t = 0; t < a.tubelet(); t++) {
          for (int dy = 0; dy < a.patch(); dy++) {
            for (int dx = 0; dx < a.patch(); dx++) {
              int frame = token / (grid * grid) * a.tubelet() + t;
              int y = token / grid % grid * a.patch() + dy;
              int x = token % grid * a.patch() + dx;
              int pixel = ((clip * a.frames() + frame) * side + y) * side + x;
              patches[token][i++] = (batch.pixels().get(pixel * 3 + channel) & 0xff) / 255.0;
            }
          }
        }
      }
    }
    return patches;
  }

  private static double[] normalised(double[] patch) {
    var result = new double[patch.length];
    int size = patch.length / 3;
    for (int channel = 0; channel < 3; channel++) {
      int from = channel * size;
      double mean =
          IntStream.range(from, from + size).mapToDouble(at(patch)).average().orElseThrow();
      double variance = 0;
      for (int i = from; i < from + size; i++) {
        variance += Math.pow(patch[i] - mean, 2) / (size - 1);
      }
      for (int i = from; i < from + size; i++) {
        result[i] = (patch[i] - mean) / (Math.sqrt(variance) + 1e-6);
      }
    }
    return result;
  }

  private int[] tokens(int clip, byte flag) {
    return IntStream.range(0, a.tokens())
        .filter(i -> batch.visible()[clip * a.tokens() + i] == flag)
        .toArray();
  }

  private int offset(String name) {
    return layout.offset(name);
  }

  private int size(String name) {
    return sizes.get(name);
  }

  /** The error function by its series, exact to rounding for the small arguments that occur. */
  private static double erf(double x) {
    double term = x;
    double sum = x;
    for (int n = 1; n < 200 && Math.abs(term) > 1e-18; n++) {
      term *= -x * x / n;
      sum += term / (2 * n + 1);
    }
    return 2 / Math.sqrt(Math.PI) * sum;
  }
}
