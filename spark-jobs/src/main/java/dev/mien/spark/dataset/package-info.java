/**
 * Artefacts of preprocessing in, the Delta tables videos, tracks and clips out, in versions that
 * are published, compacted and erased from. Knows nothing of detection, nor of what is in a clip.
 */
package dev.mien.spark.dataset;
