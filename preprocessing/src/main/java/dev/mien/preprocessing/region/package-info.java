/**
 * A face's landmarks and the frame around it come in; the region map of its crop goes out. Knows
 * nothing of time, tracks or files.
 */
package dev.mien.preprocessing.region;
