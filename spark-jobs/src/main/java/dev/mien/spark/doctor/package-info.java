/**
 * A cluster and a dataset's place come in; a line for each thing that a job needs of them goes out,
 * with what to do where it is amiss. Changes nothing that it does not put back.
 */
package dev.mien.spark.doctor;
