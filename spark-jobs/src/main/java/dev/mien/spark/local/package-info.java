/**
 * A SPARK_HOME in, a real cluster of processes on this machine out. Knows how Spark's daemons are
 * started, and nothing of the jobs that run on them.
 */
package dev.mien.spark.local;
