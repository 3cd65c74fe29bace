package dev.mien.spark.exchange;

/** What moves towards the average, and from it. */
public sealed interface Contribution {

  /**
   * A piece of where a replica arrived.
   *
   * @param examples that the replica trained on, its weight in the average
   */
  @SuppressWarnings("ArrayRecordComponent") // moved once, never compared
  record Chunk(float[] values, long examples) implements Contribution {}

  /**
   * The same as a rounded difference from where the round started, see {@link DeltaEncoder}.
   *
   * @param length values
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Delta(Encoding encoding, byte[] bytes, int length, long examples)
      implements Contribution {}

  /** What a replica has to say of its work, of any type that Kryo knows. */
  record Receipt(Object value) implements Contribution {}

  /** Why a replica has nothing to contribute, and would have nothing if it tried again. */
  record Failure(int replica, String reason) implements Contribution {}

  /**
   * A piece of the average.
   *
   * @param spread weighted mean of the replicas' squared distances from it, over parameters
   * @param update its squared distance from where the round started, over parameters
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Mean(float[] values, double spread, double update) implements Contribution {}
}
