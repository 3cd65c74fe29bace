/**
 * Pixels in, stored frames out; stored frames in, pixels and pictures for people out. Knows nothing
 * of videos, nor of how clips are cut.
 */
package dev.mien.preprocessing.picture;
