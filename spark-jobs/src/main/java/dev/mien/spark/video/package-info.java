/**
 * The URI of a video in; a file of this machine, and the process in which a task decodes it, out.
 * Knows Hadoop's file systems and Spark's local folders, and nothing of tables.
 */
package dev.mien.spark.video;
