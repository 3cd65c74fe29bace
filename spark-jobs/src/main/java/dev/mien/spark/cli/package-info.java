/** Command lines in, jobs run and exit codes out. Knows no more of a job than its arguments. */
package dev.mien.spark.cli;
