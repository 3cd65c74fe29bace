/** What is costly to open stays in the executor between tasks. Knows nothing of what it holds. */
package dev.mien.spark.resident;
