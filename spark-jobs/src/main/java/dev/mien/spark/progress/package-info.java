/** Progress of a job in, a bar or log lines out. Knows nothing of what the job does. */
package dev.mien.spark.progress;
