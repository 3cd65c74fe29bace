/**
 * Folders of video in, a published batch of videos, tracks and clips out. Knows where videos are
 * and how Spark distributes them; pixels are the preprocessing module's business.
 */
package dev.mien.spark.preprocess;
