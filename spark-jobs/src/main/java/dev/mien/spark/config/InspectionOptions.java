package dev.mien.spark.config;

/** How many videos, clips, groups of near-duplicates and reconstructions the report shows. */
public record InspectionOptions(int videos, int clips, int duplicates, int reconstructions) {}
