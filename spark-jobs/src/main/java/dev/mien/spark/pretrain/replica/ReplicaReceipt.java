package dev.mien.spark.pretrain.replica;

import dev.mien.spark.run.Manifest.StoredFile;
import java.util.Map;

/**
 * What a replica says of its work in a round; the losses are means over its steps.
 *
 * @param executor that it worked on
 * @param host of the executor
 * @param examples clips trained on
 * @param skipped clips left out because their shard could not be read
 * @param leftOut what was wrong with one of them; empty when none were
 * @param trainSeconds in steps
 * @param waitSeconds for input
 * @param began its first wait for input, in nanoseconds of the executor's own clock
 * @param ended its last step, likewise
 * @param kept the file that it left for its next round, by its name, if any
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
