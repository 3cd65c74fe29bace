/**
 * In: values of settings. Out: a message for each that is out of bounds. It must not know what they
 * are settings of.
 */
package dev.mien.model;
