/**
 * Folders, globs and lists of videos in; out, where each video lies and what its path and the lists
 * say of it. Knows file systems and how lists are written; nothing of the dataset or of frames.
 */
package dev.mien.spark.preprocess.listing;
