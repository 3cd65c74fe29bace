/**
 * Artefacts of preprocessing in, the Delta tables videos, tracks and clips out, and back: versions,
 * row groups and stored clips for those who read. Knows nothing of detection or of training.
 */
package dev.mien.spark.dataset;
