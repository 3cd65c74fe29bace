/**
 * In: named parameters or a safetensors stream. Out: one flat vector and its layout, or the stream.
 * It must not know networks or devices.
 */
package dev.mien.model.parameters;
