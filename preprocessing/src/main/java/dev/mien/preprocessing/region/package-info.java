/**
 * A face's landmarks and the frame around it in; the region map of its crop out. Knows nothing of
 * time, tracks or files.
 */
package dev.mien.preprocessing.region;
