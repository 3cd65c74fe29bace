/**
 * A frame and a square in it come in; the square's pixels go out at the size asked for. Knows where
 * a crop lies for a run of boxes, but not what the boxes are of.
 */
package dev.mien.preprocessing.crop;
