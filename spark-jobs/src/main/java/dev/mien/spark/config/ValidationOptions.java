package dev.mien.spark.config;

/**
 * What is held out of training, and how it is validated on.
 *
 * @param unit what is held out as a whole
 * @param fraction share of the people or tracks to hold out, in [0,0.99]
 * @param clips how many held-out clips are looked at, at most
 * @param pictures how many of their reconstructions TensorBoard shows, at most
 * @param every rounds between two validations
 */
public record ValidationOptions(
    ValidationUnit unit, double fraction, int clips, int pictures, int every) {}
