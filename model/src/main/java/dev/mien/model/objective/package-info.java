/**
 * In: windows of clips with their region maps, and a seed. Out: batches with their visible tokens,
 * and the options of what is minimised. It must not know parameters, optimisers or devices.
 */
package dev.mien.model.objective;
