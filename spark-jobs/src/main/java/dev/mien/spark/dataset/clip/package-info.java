/**
 * A version of a dataset in; its clips out, by id, by index or by row group, and windows of them as
 * pixels. Knows nothing of how versions come about, nor of what clips are read for.
 */
package dev.mien.spark.dataset.clip;
