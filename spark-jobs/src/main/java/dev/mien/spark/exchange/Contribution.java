package dev.mien.spark.exchange;

/** What one replica sends towards the average. */
public sealed interface Contribution {

  /**
   * A piece of its state.
   *
   * @param examples that the replica trained on, its weight in the average
   */
  @SuppressWarnings("ArrayRecordComponent") // moved once, never compared
  record Chunk(float[] values, long examples) implements Contribution {}

  /** What it has to say of its work, of any type that Kryo knows. */
  record Receipt(Object value) implements Contribution {}
}
