package dev.mien.spark.pretrain;

/**
 * What a replica says of its work in a round; the losses are means over its steps.
 *
 * @param examples clips trained on
 * @param trainSeconds in steps
 * @param waitSeconds for input
 */
public record ReplicaReceipt(
    int replica,
    long examples,
    double reconstruction,
    double adversarial,
    double discriminator,
    double gradientNorm,
    double trainSeconds,
    double waitSeconds) {}
