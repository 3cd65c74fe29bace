/**
 * Frames with their shots in, one by one; one smoothed track per person and shot out. Keeps boxes,
 * scores and landmarks only, never pixels, and knows nothing of crops.
 */
package dev.mien.preprocessing.track;
