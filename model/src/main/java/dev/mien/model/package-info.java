/**
 * In: values of settings. Out: an exception for each that is out of bounds. It must not know what
 * the settings mean.
 */
package dev.mien.model;
