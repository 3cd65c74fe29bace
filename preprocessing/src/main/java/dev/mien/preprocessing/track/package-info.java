/**
 * Frames with their shots come in one by one; one smoothed track per person and shot goes out.
 * Keeps boxes, scores and landmarks only, never pixels, and knows nothing of crops.
 */
package dev.mien.preprocessing.track;
