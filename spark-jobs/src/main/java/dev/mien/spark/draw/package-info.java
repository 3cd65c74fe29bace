/**
 * Stored clips in, RGB pictures for people out: frames, regions and masks over them, and what a
 * network makes of them. Must not know where the pictures are shown.
 */
package dev.mien.spark.draw;
