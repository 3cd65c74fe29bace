package dev.mien.spark.pretrain;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.SparkEnv;
import org.apache.spark.metrics.source.Source;

/**
 * The run's latest figures in Spark's own metrics system, as source {@code mien}: the cluster's
 * sinks, such as Prometheus', show them beside Spark's. Closing this removes them.
 */
final class TrainingMetrics implements Source, AutoCloseable {

  private static final String NAME = "mien";

  private final MetricRegistry registry = new MetricRegistry();
  private final Map<String, Double> figures = new ConcurrentHashMap<>();

  private TrainingMetrics() {}

  /**
   * Checks that no run trains in this driver, since its figures would have the same names.
   *
   * @throws IllegalStateException when a run does
   */
  static void requireNone() {
    if (!SparkEnv.get().metricsSystem().getSourcesByName(NAME).isEmpty()) {
      throw new IllegalStateException(
          "Another run trains in this Spark application (wait until it has ended, or begin this one"
              + " in an application of its own)");
    }
  }

  /** Begins to show figures in this driver. */
  static TrainingMetrics start() {
    TrainingMetrics metrics = new TrainingMetrics();
    SparkEnv.get().metricsSystem().registerSource(metrics);
    return metrics;
  }

  /** Shows the numbers in a line of the metrics, under the same names. */
  void show(Map<String, Object> line) {
    String kind = (String) line.get("kind");
    line.forEach(
        (name, value) -> {
          if (value instanceof Number number) {
            show(kind + "_" + name, number.doubleValue());
          }
        });
  }

  private void show(String name, double value) {
    if (figures.put(name, value) == null) {
      registry.register(name, (Gauge<Double>) () -> figures.get(name));
    }
  }

  @Override
  public String sourceName() {
    return NAME;
  }

  @Override
  public MetricRegistry metricRegistry() {
    return registry;
  }

  @Override
  public void close() {
    SparkEnv spark = SparkEnv.get();
    if (spark != null) { // a stopped context has no metrics any more
      spark.metricsSystem().removeSource(this);
    }
  }
}
