package dev.mien.preprocessing.picture;

import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOInvalidTreeException;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Encodes frames as an animated GIF that repeats, each frame with a palette of 256 colours. */
public final class Animation {

  /** The unit of a GIF's delays. */
  private static final long MICROSECONDS_PER_TICK = 10_000;

  /** The shortest delay; browsers slow down shorter ones. */
  private static final long LEAST_TICKS = 2;

  private static final ColorModel RGB =
      new ComponentColorModel(
          ColorSpace.getInstance(ColorSpace.CS_sRGB),
          false,
          false,
          Transparency.OPAQUE,
          DataBuffer.TYPE_BYTE);

  private static final String FORMAT = "javax_imageio_gif_image_1.0";

  private Animation() {}

  /**
   * Encodes an animation. The last frame stays as long as the one before it.
   *
   * @param frames each {@code [side,side,3]} RGB uint8 from the buffer's position on; at least one
   * @param timestamps of the frames, microseconds, ascending
   */
  public static byte[] gif(List<ByteBuffer> frames, int side, List<Long> timestamps) {
    if (frames.isEmpty() || frames.size() != timestamps.size()) {
      throw new IllegalArgumentException(
          "Invalid animation: %d frames at %d times (must be as many, at least one)"
              .formatted(frames.size(), timestamps.size()));
    }
    ImageWriter writer = ImageIO.getImageWritersByFormatName("gif").next();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    // In memory, since ImageIO would use a temporary file by default.
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      writer.setOutput(out);
      writer.prepareWriteSequence(null);
      for (int i = 0; i < frames.size(); i++) {
        BufferedImage image = image(frames.get(i), side);
        writer.writeToSequence(
            new IIOImage(image, null, metadata(writer, image, ticks(timestamps, i))), null);
      }
      writer.endWriteSequence();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot encode an animation", e);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  /** Delay of a frame, rounded so that errors do not accumulate. */
  private static long ticks(List<Long> timestamps, int frame) {
    int from = Math.max(0, Math.min(frame, timestamps.size() - 2));
    int to = Math.min(from + 1, timestamps.size() - 1);
    return Math.max(LEAST_TICKS, tick(timestamps, to) - tick(timestamps, from));
  }

  private static long tick(List<Long> timestamps, int frame) {
    return Math.round((double) (timestamps.get(frame) - timestamps.get(0)) / MICROSECONDS_PER_TICK);
  }

  private static BufferedImage image(ByteBuffer rgb, int side) {
    byte[] pixels = new byte[3 * side * side];
    rgb.duplicate().get(pixels);
    WritableRaster raster =
        Raster.createInterleavedRaster(
            new DataBufferByte(pixels, pixels.length),
            side,
            side,
            3 * side,
            3,
            new int[] {0, 1, 2},
            null);
    return new BufferedImage(RGB, raster, false, null);
  }

  private static IIOMetadata metadata(ImageWriter writer, BufferedImage image, long ticks)
      throws IIOInvalidTreeException {
    IIOMetadata metadata =
        writer.getDefaultImageMetadata(
            new ImageTypeSpecifier(image), writer.getDefaultWriteParam());
    IIOMetadataNode root = (IIOMetadataNode) metadata.getAsTree(FORMAT);
    IIOMetadataNode control = child(root, "GraphicControlExtension");
    control.setAttribute("disposalMethod", "none");
    control.setAttribute("userInputFlag", "FALSE");
    control.setAttribute("transparentColorFlag", "FALSE");
    control.setAttribute("transparentColorIndex", "0");
    control.setAttribute("delayTime", Long.toString(ticks));
    IIOMetadataNode loop = new IIOMetadataNode("ApplicationExtension");
    loop.setAttribute("applicationID", "NETSCAPE");
    loop.setAttribute("authenticationCode", "2.0");
    loop.setUserObject(new byte[] {1, 0, 0}); // repeats for ever
    child(root, "ApplicationExtensions").appendChild(loop);
    metadata.setFromTree(FORMAT, root);
    return metadata;
  }

  private static IIOMetadataNode child(IIOMetadataNode root, String name) {
    if (root.getElementsByTagName(name).item(0) instanceof IIOMetadataNode found) {
      return found;
    }
    IIOMetadataNode made = new IIOMetadataNode(name);
    root.appendChild(made);
    return made;
  }
}
