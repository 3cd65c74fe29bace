/**
 * A cluster and a dataset's place in; a line out for each thing that a job needs of them, with what
 * to do where something is wrong. Changes nothing that it does not restore.
 */
package dev.mien.spark.doctor;
