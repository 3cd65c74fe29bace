/**
 * One BGR frame comes in; face boxes and face landmarks go out. Knows nothing of time: what was
 * found in earlier frames is handed in as a place to look.
 */
package dev.mien.preprocessing.detect;
