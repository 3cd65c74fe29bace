/**
 * A video in, its clips and its report out, made in a process whose death costs that video only.
 * Knows how the process is started, watched and talked to; nothing of Spark or of tables.
 */
package dev.mien.spark.isolate;
