package dev.mien.model.benchmark;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.mien.model.marlin.MarlinArchitecture;
import dev.mien.model.nn.Precision;
import dev.mien.model.objective.ClipBatch;
import dev.mien.model.objective.MaskStrategy;
import dev.mien.model.objective.Masks;
import dev.mien.model.objective.ObjectiveOptions;
import dev.mien.model.optim.AdamWOptions;
import dev.mien.model.train.Execution;
import dev.mien.model.train.LocalTrainer;
import dev.mien.model.train.TrainingState;
import java.io.IOException;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.testng.annotations.Test;

/**
 * Prints what a step of ViT-S costs next to the same step in plain DJL operators; not one of the
 * tests that a build runs. {@code mvn -q -pl model test -Dtest=StepBenchmark}, with {@code
 * -Drounds=n} for n timed steps of each, {@code -Dsizes=} and {@code -Dthreads=} for fewer rows.
 *
 * <p>Variants take turns, so that what else runs on the machine meets all of them; compare ratios
 * of one run. The peak is of the resident memory of a process of its own that takes two steps.
 */
public class StepBenchmark {
  private static final MarlinArchitecture SMALL = MarlinArchitecture.small();
  private static final List<Integer> SIZES = numbers("sizes", "2,1,4");
  private static final List<Integer> THREADS = numbers("threads", "2,1");
  private static final float RATE = 1e-5f;
  private static final int WARM_UP = 2;
  private static final int ROUNDS = Integer.getInteger("rounds", 5);

  /** Of matrix products in one clip's step of ViT-S, without a discriminator. */
  private static final double GIGAFLOP_PER_CLIP = 69;

  /** One step on a batch. */
  private interface Step extends AutoCloseable {
    void run(ClipBatch batch);

    @Override
    void close();
  }

  private enum Variant {
    PLAIN_DJL,
    FLOAT32,
    BFLOAT16,
    FLOAT32_ADVERSARIAL,
    BFLOAT16_ADVERSARIAL;

    Step open() {
      return switch (this) {
        case PLAIN_DJL -> plain();
        case FLOAT32 -> trainer(Precision.FLOAT32, 0);
        case BFLOAT16 -> trainer(Precision.BFLOAT16, 0);
        case FLOAT32_ADVERSARIAL -> trainer(Precision.FLOAT32, 0.01);
        case BFLOAT16_ADVERSARIAL -> trainer(Precision.BFLOAT16, 0.01);
      };
    }
  }

  @Test
  public void printTable() throws IOException, InterruptedException {
    List<Variant> variants = variants();
    Map<Integer, Map<Variant, Long>> peaks = new LinkedHashMap<>();
    for (int size : SIZES) {
      peaks.put(size, new EnumMap<>(Variant.class));
      for (Variant variant : variants) {
        peaks.get(size).put(variant, peakBytes(variant, size));
      }
    }
    Engine.getEngine("PyTorch");
    for (int threads : THREADS) {
      JniUtils.setNumThreads(threads);
      System.out.printf("%n%d threads; float32 GEMM %.0f GFLOP/s%n", threads, gemm());
      System.out.printf(
          "%-22s %5s %8s %8s %7s %9s %8s  %s%n",
          "step",
          "B",
          "min ms",
          "median",
          "ratio",
          "GFLOP/s",
          "peak MB",
          "input/forward/backward/optimiser %");
      for (int size : SIZES) {
        compare(batch(size), variants, peaks.get(size));
      }
    }
  }

  private static void compare(ClipBatch batch, List<Variant> variants, Map<Variant, Long> peaks)
      throws IOException {
    Map<Variant, double[]> times = new LinkedHashMap<>();
    Map<Variant, Step> steps = new LinkedHashMap<>();
    Map<Variant, String> shares = new EnumMap<>(Variant.class);
    try {
      for (Variant variant : variants) {
        steps.put(variant, variant.open());
        times.put(variant, new double[ROUNDS]);
      }
      for (int round = -WARM_UP; round < ROUNDS; round++) {
        for (Variant variant : variants) {
          long start = System.nanoTime();
          steps.get(variant).run(batch);
          if (round >= 0) {
            times.get(variant)[round] = (System.nanoTime() - start) / 1e6;
          }
        }
      }
      for (Variant variant : variants) {
        shares.put(variant, variant == Variant.PLAIN_DJL ? "" : shares(steps.get(variant), batch));
      }
    } finally {
      steps.values().forEach(Step::close);
    }
    times.values().forEach(Arrays::sort);
    double baseline = times.get(Variant.PLAIN_DJL)[0];
    times.forEach(
        (variant, sorted) ->
            System.out.printf(
                "%-22s %5d %8.0f %8.0f %7.2f %9.0f %8d  %s%n",
                variant,
                batch.size(),
                sorted[0],
                sorted[ROUNDS / 2],
                sorted[0] / baseline,
                GIGAFLOP_PER_CLIP * batch.size() / sorted[0] * 1e3,
                peaks.get(variant) >> 20,
                shares.get(variant)));
  }

  /** One step under libtorch's profiler, which knows the script's functions by their names. */
  private static String shares(Step step, ClipBatch batch) throws IOException {
    Path trace = Files.createTempFile("step", ".json");
    JniUtils.startProfile(false, false, false);
    long start = System.nanoTime();
    step.run(batch);
    double whole = (System.nanoTime() - start) / 1e3;
    JniUtils.stopProfile(trace.toString());
    double input = 0;
    double backward = 0;
    double optimiser = 0;
    try (Reader in = Files.newBufferedReader(trace)) {
      JsonElement root = JsonParser.parseReader(in);
      JsonArray events =
          root.isJsonArray()
              ? root.getAsJsonArray()
              : root.getAsJsonObject().getAsJsonArray("traceEvents");
      for (JsonElement element : events) {
        JsonObject event = element.getAsJsonObject();
        if (event.has("dur") && event.has("name")) {
          double microseconds = event.get("dur").getAsDouble();
          switch (event.get("name").getAsString()) {
            case "patches", "take" -> input += microseconds;
            case "accumulate" -> backward += microseconds;
            case "clip", "descend" -> optimiser += microseconds;
            default -> {}
          }
        }
      }
    } finally {
      Files.delete(trace);
    }
    double forward = whole - input - backward - optimiser;
    return "%.0f/%.0f/%.0f/%.0f"
        .formatted(
            100 * input / whole,
            100 * forward / whole,
            100 * backward / whole,
            100 * optimiser / whole);
  }

  private static Step plain() {
    var network = new PlainOperators(SMALL, TrainingState.initial(SMALL, 1).parameters(), RATE);
    return new Step() {
      @Override
      public void run(ClipBatch batch) {
        network.step(batch);
      }

      @Override
      public void close() {
        network.close();
      }
    };
  }

  private static List<Integer> numbers(String property, String byDefault) {
    return Stream.of(System.getProperty(property, byDefault).split(",", -1))
        .map(Integer::valueOf)
        .toList();
  }

  /** Where it is not multiplied, a step takes a minute. */
  private static List<Variant> variants() throws IOException {
    boolean fast =
        Files.readString(Path.of("/proc/cpuinfo")).matches("(?s).*(avx512_bf16|amx_bf16).*");
    if (!fast) {
      System.out.println("This processor does not multiply bfloat16: left out");
    }
    return Stream.of(Variant.values())
        .filter(variant -> fast || !variant.name().startsWith("BFLOAT16"))
        .toList();
  }

  private static Step trainer(Precision precision, double adversarialWeight) {
    var objective = new ObjectiveOptions(MaskStrategy.RANDOM, 0.9, adversarialWeight);
    LocalTrainer trainer =
        LocalTrainer.open(
            SMALL, objective, AdamWOptions.marlin(), new Execution(Device.cpu(), precision, 0));
    trainer.load(TrainingState.initial(SMALL, 1));
    return new Step() {
      @Override
      public void run(ClipBatch batch) {
        trainer.step(batch, RATE);
      }

      @Override
      public void close() {
        trainer.close();
      }
    };
  }

  private static ClipBatch batch(int size) {
    var random = new SplittableRandom(1);
    var noise = new byte[size * SMALL.clipBytes()];
    random.nextBytes(noise);
    var visible = new byte[size * SMALL.tokens()];
    List<String> ids = new ArrayList<>();
    for (int clip = 0; clip < size; clip++) {
      byte[] drawn = Masks.draw(MaskStrategy.RANDOM, SMALL, 0.9, new byte[0], clip);
      System.arraycopy(drawn, 0, visible, clip * SMALL.tokens(), SMALL.tokens());
      ids.add("clip-" + clip);
    }
    return new ClipBatch(
        size, ByteBuffer.allocateDirect(noise.length).put(noise).flip(), visible, ids);
  }

  /** The fastest of ten products of 1536 by 1536. */
  private static double gemm() {
    int side = 1536;
    long fastest = Long.MAX_VALUE;
    try (NDManager manager = Engine.getEngine("PyTorch").newBaseManager(Device.cpu())) {
      NDArray matrix = manager.ones(new Shape(side, side));
      for (int repeat = 0; repeat < 10; repeat++) {
        long start = System.nanoTime();
        matrix.matMul(matrix).close();
        fastest = Math.min(fastest, System.nanoTime() - start);
      }
    }
    return 2.0 * side * side * side / fastest;
  }

  private static long peakBytes(Variant variant, int size)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-cp",
                System.getProperty("java.class.path"),
                StepBenchmark.class.getName(),
                variant.name(),
                Integer.toString(size))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IllegalStateException("Cannot measure " + variant + ": " + printed);
    }
    return Long.parseLong(printed.strip());
  }

  /** Takes two steps of a variant and prints the most memory that the process had, in bytes. */
  public static void main(String... arguments) throws IOException {
    ClipBatch batch = batch(Integer.parseInt(arguments[1]));
    try (Step step = Variant.valueOf(arguments[0]).open()) {
      System.gc(); // the state that was handed over is the device's now
      step.run(batch);
      step.run(batch);
    }
    System.out.println(
        Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(line -> line.startsWith("VmHWM:"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
            .findFirst()
            .orElseThrow());
  }
}
