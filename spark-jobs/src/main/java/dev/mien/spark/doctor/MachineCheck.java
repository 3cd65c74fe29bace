package dev.mien.spark.doctor;

import ai.djl.engine.Engine;
import com.sun.management.OperatingSystemMXBean;
import dev.mien.preprocessing.clip.PreprocessingOptions;
import dev.mien.preprocessing.clip.VideoPreprocessor;
import dev.mien.preprocessing.video.Codecs;
import dev.mien.spark.config.ComputeDevice;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.resident.TaskDevice;
import dev.mien.spark.storage.LocalFolders;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.TaskContext;

/**
 * Checks what a job needs of the machine that it runs on.
 *
 * @param options by which videos are decoded
 * @param decodingMemory bytes that one decoding process may take
 * @param slots tasks that run at a time in one process
 * @param device that networks are to run on
 */
public record MachineCheck(
    PreprocessingOptions options, long decodingMemory, int slots, ComputeDevice device) {

  private static final int JAVA = 17;
  private static final long ROOM = 2L << 30;

  static MachineCheck of(MienConfiguration configuration, int slots) {
    return new MachineCheck(
        configuration.preprocessing(),
        configuration.isolation().memoryLimit(),
        slots,
        configuration.training().device());
  }

  /** The same check for networks on another device. */
  MachineCheck on(ComputeDevice other) {
    return new MachineCheck(options, decodingMemory, slots, other);
  }

  /**
   * Checks this machine, as seen by this process.
   *
   * @param temporary folders for temporary files
   */
  List<Finding> findings(List<Path> temporary) {
    return List.of(
        java(),
        memory(),
        temporaryFolders(temporary),
        Finding.of(
            "decoding process",
            "run with a whole JDK or JRE: each video is decoded in a process of its own",
            MachineCheck::javaCommand),
        ffmpeg(),
        Finding.of(
            "face models",
            "use the mien.jar of a build that passed its tests, on Linux x86-64",
            this::models),
        Finding.of(
            "PyTorch",
            "use the mien.jar of a build for this machine: Linux x86-64, glibc 2.28 or newer",
            () -> Engine.getEngine("PyTorch").getVersion()),
        gpus());
  }

  private static Finding java() {
    Runtime.Version version = Runtime.version();
    String found = version + ", " + System.getProperty("java.vendor");
    return version.feature() == JAVA
        ? Finding.well("Java", found)
        : new Finding("Java", found, "point JAVA_HOME at a Java " + JAVA + " on every machine");
  }

  private Finding memory() {
    long heap = Runtime.getRuntime().maxMemory();
    long there =
        ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
    long needed = heap + slots * decodingMemory;
    String found = "%s, of which the heap has %s".formatted(gibibytes(there), gibibytes(heap));
    if (slots > 0) {
      found +=
          " and %d decoding processes up to %s each".formatted(slots, gibibytes(decodingMemory));
    }
    return needed <= there
        ? Finding.well("memory", found)
        : new Finding(
            "memory",
            found,
            "give the process %s, or fewer cores, or lower preprocessing.isolation.memory-limit"
                .formatted(gibibytes(needed)));
  }

  private static Finding temporaryFolders(List<Path> folders) {
    return Finding.of(
        folders.size() == 1 ? "temporary folder" : "temporary folders",
        "set java.io.tmpdir and "
            + LocalFolders.SETTINGS
            + " to a folder with room for a batch (dataset.batch-size a task)",
        () -> {
          List<String> found = new ArrayList<>();
          for (Path folder : folders) {
            found.add(room(folder));
          }
          return String.join("; ", found);
        });
  }

  private static String room(Path folder) throws IOException {
    Files.delete(Files.createTempFile(folder, "mien", ".probe"));
    long room = Files.getFileStore(folder).getUsableSpace();
    String found = folder + ", " + gibibytes(room) + " free";
    if (room < ROOM) {
      throw new IOException(found + " (should be at least " + gibibytes(ROOM) + ")");
    }
    return found;
  }

  private static String javaCommand() throws IOException {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    if (!Files.isExecutable(java)) {
      throw new IOException("no program " + java);
    }
    return java.toString();
  }

  private static Finding ffmpeg() {
    return Finding.of(
        "FFmpeg",
        "use the mien.jar of a build for this machine, with FFmpeg's usual decoders",
        () -> {
          if (!Codecs.missing().isEmpty()) {
            throw new IOException("no decoder for " + String.join(", ", Codecs.missing()));
          }
          return Codecs.ffmpegVersion() + ", decodes " + String.join(", ", Codecs.decoded());
        });
  }

  /** Opens the face models, which verifies their hashes and runs OpenCV and TensorFlow Lite. */
  private String models() {
    VideoPreprocessor.open(options).close();
    return "detectors, landmarks and segmenter are the expected ones";
  }

  private Finding gpus() {
    return Finding.of(
        "GPU",
        "install NVIDIA's driver, CUDA's libcudart 12, and PyTorch for CUDA ahead of mien.jar, as"
            + " deploy/gpu/README.md says, or set training.device = cpu",
        () -> {
          int gpus = Engine.getEngine("PyTorch").getGpuCount();
          return switch (device) {
            case CPU -> gpus + " seen, none needed";
            case GPU -> {
              if (gpus == 0) {
                throw new IOException("none seen, training.device = gpu");
              }
              yield gpus + " seen" + (TaskContext.get() == null ? "" : given());
            }
          };
        });
  }

  /** The GPU that Spark gave the task; fails, as a job's tasks would, when it gave none. */
  private String given() {
    return ", this task was given " + TaskDevice.of(device);
  }

  private static String gibibytes(long bytes) {
    return "%.1f GiB".formatted((double) bytes / (1 << 30));
  }
}
