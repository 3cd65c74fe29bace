/**
 * The URI of a video in; a file of this machine, and the process that a task decodes it in, out.
 * Knows Hadoop's file systems and Spark's local folders; nothing of tables.
 */
package dev.mien.spark.video;
