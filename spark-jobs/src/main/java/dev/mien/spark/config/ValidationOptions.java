package dev.mien.spark.config;

/**
 * What is held out of training, and how it is looked at.
 *
 * @param unit what is held out whole
 * @param fraction share of people or tracks held out, in [0,0.99]
 * @param clips held out that are looked at, at most
 * @param pictures of those, how many reconstructions TensorBoard shows, at most
 * @param every rounds between two validations
 */
public record ValidationOptions(
    ValidationUnit unit, double fraction, int clips, int pictures, int every) {}
