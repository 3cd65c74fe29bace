/**
 * A frame and a square in it in; the square's pixels out, at a given size. Knows where a crop lies
 * for a sequence of boxes, but not what the boxes show.
 */
package dev.mien.preprocessing.crop;
