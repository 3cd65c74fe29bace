package dev.mien.spark;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The most resident bytes that each process of a job held, by process id.
 *
 * @param executors Spark's
 * @param decoders those beside them that decode
 */
record PeakMemory(Map<Long, Long> executors, Map<Long, Long> decoders) {

  private static final long TICK_MILLIS = 100;

  /** Watches a job until its end. */
  static PeakMemory during(Process job, TestCluster cluster) throws InterruptedException {
    PeakMemory peaks = new PeakMemory(new HashMap<>(), new HashMap<>());
    while (!job.waitFor(TICK_MILLIS, TimeUnit.MILLISECONDS)) {
      List<ProcessHandle> executors = cluster.executors();
      note(executors.stream(), peaks.executors);
      note(
          executors.stream().flatMap(ProcessHandle::children).filter(Processes::decodes),
          peaks.decoders);
    }
    return peaks;
  }

  private static void note(Stream<ProcessHandle> processes, Map<Long, Long> peaks) {
    processes.forEach(
        process -> peaks.merge(process.pid(), Processes.memory(process, "VmHWM"), Math::max));
  }
}
