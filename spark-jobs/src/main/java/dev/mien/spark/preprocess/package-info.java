/**
 * Folders of video in, a published batch of videos, tracks and clips out. Knows where videos lie
 * and how Spark spreads them; what happens to a pixel is the business of the preprocessing module.
 */
package dev.mien.spark.preprocess;
