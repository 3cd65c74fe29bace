/**
 * A video file comes in; its report and its clips go out. Knows nothing of tables, clusters or
 * networks, nor of how clips are looked at.
 */
package dev.mien.preprocessing.clip;
