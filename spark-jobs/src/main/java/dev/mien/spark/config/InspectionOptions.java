package dev.mien.spark.config;

/** How many tracks, clips and reconstructions the report shows. */
public record InspectionOptions(int tracks, int clips, int reconstructions) {}
