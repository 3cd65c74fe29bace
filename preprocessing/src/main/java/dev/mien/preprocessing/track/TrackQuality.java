package dev.mien.preprocessing.track;

/**
 * How well a face was followed.
 *
 * @param score mean detector score in [0,1]
 * @param presence mean face score of the landmark model in [0,1]
 * @param landmarkShare share of the frames, in [0,1], in which the landmark model saw a face
 * @param faceSide median of the longer side of the smoothed boxes, in source pixels
 */
public record TrackQuality(float score, float presence, float landmarkShare, float faceSide) {}
