package dev.mien.model.train;

import java.nio.ByteBuffer;

/**
 * A reconstructed batch; both buffers are uint8 RGB {@code [B,T,H,W,3]}.
 *
 * @param completed the clips with the masked tokens replaced by the prediction
 * @param masked the clips with the masked tokens grey
 */
public record Reconstruction(ByteBuffer completed, ByteBuffer masked) {}
