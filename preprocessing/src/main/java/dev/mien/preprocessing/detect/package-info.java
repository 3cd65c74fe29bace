/**
 * One BGR frame in; face boxes and face landmarks out. Knows nothing of time: what was found in
 * earlier frames is passed in as a place to look.
 */
package dev.mien.preprocessing.detect;
