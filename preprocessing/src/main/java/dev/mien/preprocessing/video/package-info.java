/**
 * A video file comes in; upright BGR frames with timestamps go out, one after the other, and where
 * the shots are cut. Knows nothing of faces.
 */
package dev.mien.preprocessing.video;
