/** How far a job has come, for whoever watches it. Knows nothing of what the job does. */
package dev.mien.spark.progress;
