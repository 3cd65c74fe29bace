/**
 * Videos in, rows for the three tables out, on an executor and a video at a time. Knows the columns
 * and the decoding processes; nothing of what the dataset holds, or of how rows are published.
 */
package dev.mien.spark.preprocess.task;
