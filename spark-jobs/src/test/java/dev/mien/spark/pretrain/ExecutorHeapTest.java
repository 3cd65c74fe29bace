package dev.mien.spark.pretrain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.spark.config.MienConfiguration;
import java.util.List;
import java.util.Optional;
import org.apache.spark.SparkConf;
import org.testng.annotations.Test;

public class ExecutorHeapTest {

  private static final int MOVING = 3; // parameters and both moments

  @Test
  public void statesTakeSparksShareAndTheCacheWhatItIsTold() {
    MienConfiguration large = load("marlin-large");
    long state = (long) MOVING * large.model().layout().size() * Float.BYTES;

    assertThat(heap("8g", large, state).wanted())
        .isEqualTo((long) (state * 2.25 / 0.6) + (1L << 30));
    assertThat(heap("8192", large, state).given()).isEqualTo(8L << 30); // Spark's unit is the MiB
    assertThat(
            ExecutorHeap.of(
                    new SparkConf(false).set("spark.memory.fraction", "0.9"),
                    state,
                    large.training())
                .wanted())
        .isEqualTo((long) (state * 2.25 / 0.9) + (1L << 30));
    assertThat(
            heap("8g", load("marlin-large", "training.replicas = 1"), state).wanted() - (1L << 30))
        .as("one executor forms the whole average")
        .isEqualTo((long) (state * 3.0 / 0.6));
  }

  @Test
  public void onlyWhoGivesTooLittleIsTold() {
    MienConfiguration large = load("marlin-large");
    MienConfiguration base = load("marlin-base");
    long ofLarge = (long) MOVING * large.model().layout().size() * Float.BYTES;
    long ofBase = (long) MOVING * base.model().layout().size() * Float.BYTES;

    assertThat(heap("8g", large, ofLarge).shortage())
        .hasValueSatisfying(
            told ->
                assertThat(told)
                    .startsWith("Executors have 8.0 GiB of heap, where a round wants 15.5 GiB:"));
    assertThat(heap("16g", large, ofLarge).shortage()).isEmpty();
    assertThat(heap("8g", large, ofLarge / MOVING).shortage()).isEmpty();
    assertThat(heap("8g", base, ofBase).shortage()).isEmpty();
  }

  private static ExecutorHeap heap(String memory, MienConfiguration configuration, long state) {
    return ExecutorHeap.of(
        new SparkConf(false).set("spark.executor.memory", memory), state, configuration.training());
  }

  private static MienConfiguration load(String preset, String... settings) {
    return MienConfiguration.load(Optional.of(preset), Optional.empty(), List.of(settings));
  }
}
