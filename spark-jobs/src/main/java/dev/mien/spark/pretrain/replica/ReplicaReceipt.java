package dev.mien.spark.pretrain.replica;

import dev.mien.spark.run.Manifest.StoredFile;
import java.util.Map;

/**
 * What a replica reports of its work in a round; losses are means over its steps.
 *
 * @param executor that it ran on
 * @param host of the executor
 * @param examples clips trained on
 * @param skipped clips left out because their shard could not be read
 * @param leftOut what was wrong with one of these; empty when there are none
 * @param trainSeconds spent in steps
 * @param waitSeconds spent waiting for input
 * @param began when it first waited for input, in nanoseconds of the executor's own clock
 * @param ended when its last step ended, by the same clock
 * @param kept the file that it keeps for its next round, by name; empty when it keeps none
 */
public record ReplicaReceipt(
    int replica,
    String executor,
    String host,
    long examples,
    long skipped,
    String leftOut,
    double reconstruction,
    double adversarial,
    double discriminator,
    double gradientNorm,
    double trainSeconds,
    double waitSeconds,
    long began,
    long ended,
    Map<String, StoredFile> kept) {}
