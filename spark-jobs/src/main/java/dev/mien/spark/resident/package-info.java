/**
 * What is costly to open stays in the executor between tasks, or is shared by those that run at
 * once. Knows nothing of what it holds.
 */
package dev.mien.spark.resident;
