/**
 * SQL functions over a dataset's tables, for notebooks in any language: a clip's columns in, PNG or
 * GIF bytes out. Knows how queries are planned, and leaves drawing to others.
 */
package dev.mien.spark.sql;
