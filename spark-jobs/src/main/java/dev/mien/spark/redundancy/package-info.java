/**
 * The clips of a dataset version in, near-duplicates, their groups and chosen subsets of clips out.
 * Looks at fingerprints and figures only, and must not know of pixels or of training.
 */
package dev.mien.spark.redundancy;
