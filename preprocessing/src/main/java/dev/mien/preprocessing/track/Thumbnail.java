package dev.mien.preprocessing.track;

/**
 * A whole source frame scaled to at most 320 px wide, for contact sheets.
 *
 * @param frame index of the frame in its track
 * @param jpeg the image as JPEG
 * @param scale thumbnail pixels per source pixel
 */
@SuppressWarnings("ArrayRecordComponent") // bulk data: handed over, not compared
public record Thumbnail(int frame, byte[] jpeg, double scale) {}
