/**
 * Keeps what is costly to open in the executor between tasks, or shares it among those that run at
 * once. Knows nothing of what it holds.
 */
package dev.mien.spark.resident;
