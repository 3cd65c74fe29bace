/** Command lines in, jobs run and exit codes out. Knows of a job only its arguments. */
package dev.mien.spark.cli;
