/**
 * Pixels come in and stored frames go out, and stored frames come in and pixels and pictures for
 * people go out. Knows nothing of videos, nor of how clips are cut.
 */
package dev.mien.preprocessing.picture;
