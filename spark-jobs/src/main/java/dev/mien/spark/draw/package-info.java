/**
 * Stored clips in, RGB pictures for people out: frames, region maps and masks over them, and
 * reconstructions by a network. Must not know where the pictures are shown.
 */
package dev.mien.spark.draw;
