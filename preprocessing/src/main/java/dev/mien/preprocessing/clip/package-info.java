/**
 * A video file in; its report and its clips out. Knows nothing of tables, clusters or networks, nor
 * of what clips are used for.
 */
package dev.mien.preprocessing.clip;
