/**
 * In: windows of clips with their region maps, and a seed. Out: batches with the tokens that the
 * encoder sees, and what is minimised. It must not know parameters, optimisers or devices.
 */
package dev.mien.model.objective;
