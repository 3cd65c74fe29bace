/**
 * HOCON in, one validated record per concern out; every problem is reported at once. Knows the
 * options of every other package and nothing of Spark or of how a job runs.
 */
package dev.mien.spark.config;
