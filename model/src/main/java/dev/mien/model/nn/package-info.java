/**
 * In: TorchScript source, constants and buffers. Out: a compiled module on a device, called from
 * Java. It must not know which network it runs.
 */
package dev.mien.model.nn;
