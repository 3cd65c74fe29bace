package dev.mien.spark.exchange;

/** A replica could not train its round, and would fail the same way on any executor. */
public final class ReplicaFailedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  ReplicaFailedException(int replica, String reason) {
    super("Replica " + replica + ": " + reason);
  }
}
