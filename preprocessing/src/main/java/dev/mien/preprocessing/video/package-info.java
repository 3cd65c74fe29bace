/**
 * A video file in; upright BGR frames with timestamps out, one after the other, and where shots
 * begin. Knows nothing of faces.
 */
package dev.mien.preprocessing.video;
