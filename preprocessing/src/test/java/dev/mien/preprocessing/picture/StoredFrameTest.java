package dev.mien.preprocessing.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.testng.annotations.Test;

public class StoredFrameTest {
  /** RGB 4x4: four 2x2 blocks red, green, blue and white, whose pixels differ by ±10. */
  private static final byte[] RAW = blocks();

  private static final StoredFrame FRAME = frame(RAW, FrameFormat.RAW, 4);
  private static final View WHOLE = View.whole(4);

  @Test
  public void rawFramesAreCopiedOrAveraged() {
    try (FrameDecoder decoder = new FrameDecoder()) {
      ByteBuffer whole = ByteBuffer.allocate(48);
      decoder.decode(FRAME, WHOLE, 4, whole);
      assertThat(whole.array()).isEqualTo(RAW);
      ByteBuffer half = ByteBuffer.allocate(12);
      decoder.decode(FRAME, WHOLE, 2, half);
      assertThat(half.array()).isEqualTo(bytes(100, 0, 0, 0, 100, 0, 0, 0, 100, 100, 100, 100));
    }
  }

  @Test
  public void aViewIsAPartMirroredIfItSaysSo() {
    try (FrameDecoder decoder = new FrameDecoder()) {
      ByteBuffer right = ByteBuffer.allocate(12);
      decoder.decode(FRAME, new View(2, 0, 2, 2, false), 2, right);
      ByteBuffer mirrored = ByteBuffer.allocate(12);
      decoder.decode(FRAME, new View(2, 0, 2, 2, true), 2, mirrored);
      for (int pixel = 0; pixel < 4; pixel++) {
        int source = pixel / 2 * 4 + 2 + pixel % 2;
        for (int channel = 0; channel < 3; channel++) {
          assertThat(right.get(pixel * 3 + channel)).isEqualTo(RAW[source * 3 + channel]);
          assertThat(mirrored.get((pixel ^ 1) * 3 + channel)).isEqualTo(RAW[source * 3 + channel]);
        }
      }
      assertThatThrownBy(() -> decoder.decode(FRAME, new View(3, 0, 2, 2, false), 2, right))
          .hasMessageContaining("(must lie in the stored square frame of 4x4)");
    }
  }

  @Test
  public void redStaysRedThroughJpeg() {
    byte[] rgb = new byte[16 * 16 * 3];
    for (int i = 0; i < rgb.length; i += 3) {
      rgb[i] = (byte) 200;
    }
    byte[] jpeg = Drawing.jpeg(ByteBuffer.wrap(rgb), 16, 16);
    ByteBuffer decoded = ByteBuffer.allocate(4 * 4 * 3);
    try (FrameDecoder decoder = new FrameDecoder()) {
      decoder.decode(frame(jpeg, FrameFormat.JPEG, 16), View.whole(16), 4, decoded);
    }
    assertThat(decoded.get(0) & 0xFF).isBetween(190, 210);
    assertThat(decoded.get(1) & 0xFF).isLessThan(15);
    assertThat(decoded.get(2) & 0xFF).isLessThan(15);
  }

  @Test
  public void maskedPatchesAreGrey() {
    ByteBuffer rgb = ByteBuffer.wrap(RAW);
    ByteBuffer masked = Drawing.masked(rgb, 4, new boolean[] {true, false, true, true});
    assertThat(rgb.position()).isZero();
    assertThat(masked.get(0)).isEqualTo(RAW[0]);
    assertThat(masked.get(2 * 3)).isEqualTo((byte) 128); // first pixel of the second patch
    assertThat(masked.get((1 * 4 + 3) * 3 + 2)).isEqualTo((byte) 128);
    assertThat(masked.get(2 * 4 * 3)).isEqualTo(RAW[2 * 4 * 3]);
  }

  @Test
  public void patchesNeedNotDivideTheImage() {
    for (int patches : new int[] {10, 14, 128}) { // svfap's, MARLIN's, a pixel each
      boolean[] visible = new boolean[patches * patches];
      assertThat(Drawing.masked(ByteBuffer.allocate(128 * 128 * 3), 128, visible))
          .as("%d patches a side leave no pixel out", patches)
          .isEqualTo(ByteBuffer.wrap(grey(128 * 128 * 3)));
      visible[0] = true;
      ByteBuffer masked = Drawing.masked(ByteBuffer.allocate(128 * 128 * 3), 128, visible);
      int side = (int) Math.round(128.0 / patches);
      assertThat(masked.get(3 * (side - 1))).isZero();
      assertThat(masked.get(3 * side)).isEqualTo((byte) 128);
    }
    assertThatThrownBy(() -> Drawing.masked(ByteBuffer.wrap(RAW), 4, new boolean[25]))
        .hasMessage("Invalid mask: 25 patches (must be a square grid, on 4 pixels)");
  }

  private static byte[] grey(int length) {
    byte[] grey = new byte[length];
    Arrays.fill(grey, (byte) 128);
    return grey;
  }

  @Test
  public void badFramesAreNamed() {
    ByteBuffer room = ByteBuffer.allocate(48);
    try (FrameDecoder decoder = new FrameDecoder()) {
      assertThatThrownBy(() -> decoder.decode(FRAME, WHOLE, 5, room))
          .hasMessage(
              "Invalid size: 5 (must be at most the side of the stored square frame of 4x4)");
      assertThatThrownBy(
              () -> decoder.decode(frame(new byte[47], FrameFormat.RAW, 4), WHOLE, 4, room))
          .hasMessage("Invalid raw frame: 47 bytes (must be 48)");
      assertThatThrownBy(() -> decoder.decode(frame(RAW, FrameFormat.JPEG, 4), WHOLE, 4, room))
          .hasMessage("Invalid frame: 48 bytes (must be a JPEG image)");
      byte[] small = Drawing.jpeg(ByteBuffer.wrap(RAW), 4, 4);
      assertThatThrownBy(
              () ->
                  decoder.decode(
                      frame(small, FrameFormat.JPEG, 8),
                      View.whole(8),
                      4,
                      ByteBuffer.allocate(192)))
          .hasMessage("Invalid frame: decoded to 2x2 (must be 4x4)");
      assertThatThrownBy(() -> decoder.decode(FRAME, WHOLE, 4, ByteBuffer.allocate(47)))
          .hasMessage("Invalid buffer: 47 bytes remaining (must be at least 48)");
    }
    assertThat(room.position()).isZero();
  }

  @Test
  public void aBrokenFrameIsNotTheOneBefore() {
    byte[] good = Drawing.jpeg(ByteBuffer.wrap(RAW), 4, 4);
    ByteBuffer room = ByteBuffer.allocate(96);
    try (FrameDecoder decoder = new FrameDecoder()) {
      decoder.decode(frame(good, FrameFormat.JPEG, 4), WHOLE, 4, room);
      for (int length : new int[] {0, 1, 48}) {
        byte[] broken = Arrays.copyOf(RAW, length);
        String message = "Invalid frame: " + length + " bytes (must be a JPEG image)";
        assertThatThrownBy(() -> decoder.decode(frame(broken, FrameFormat.JPEG, 4), WHOLE, 4, room))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage(message);
        assertThatThrownBy(
                () ->
                    decoder.decode(
                        frame(broken, FrameFormat.JPEG, 4), new View(0, 0, 4, 4, true), 4, room))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage(message);
      }
    }
    assertThat(room.position()).isEqualTo(48);
  }

  @Test
  public void badViewsAreNamed() {
    ByteBuffer room = ByteBuffer.allocate(11);
    try (FrameDecoder decoder = new FrameDecoder()) {
      View left = new View(0, 0, 2, 2, false);
      assertThatThrownBy(() -> decoder.decode(FRAME, left, 2, room))
          .hasMessage("Invalid buffer: 11 bytes remaining (must be at least 12)");
      assertThatThrownBy(() -> decoder.decode(FRAME, left, 0, room))
          .hasMessage("Invalid size: 0 (must be at least 1)");
      View endless = new View(2, 0, Integer.MAX_VALUE, 2, false);
      assertThatThrownBy(() -> decoder.decode(FRAME, endless, 1, room))
          .hasMessageEndingWith("(must lie in the stored square frame of 4x4)");
    }
    assertThat(room.position()).isZero();
  }

  @Test
  public void picturesOfTooFewBytesAreNamed() {
    ByteBuffer few = ByteBuffer.allocateDirect(47);
    assertThatThrownBy(() -> ContactSheet.png(List.of(new ContactSheet.Cell(few, "")), 4, 1))
        .hasMessage("Invalid image: 47 bytes (must be at least 48 for 4x4 RGB)");
    assertThatThrownBy(() -> Drawing.masked(few, 4, new boolean[1]))
        .hasMessage("Invalid image: 47 bytes (must be at least 48 for 4x4 RGB)");
    assertThatThrownBy(() -> Drawing.png(ByteBuffer.allocate(0), 0, 4))
        .hasMessage("Invalid image size: 4x0 (must be at least 1x1)");
  }

  private static StoredFrame frame(byte[] image, FrameFormat format, int side) {
    return new StoredFrame(image, format, side, side);
  }

  private static byte[] blocks() {
    byte[] rgb = new byte[48];
    for (int y = 0; y < 4; y++) {
      for (int x = 0; x < 4; x++) {
        int block = y / 2 * 2 + x / 2;
        byte level = (byte) ((x + y) % 2 == 0 ? 90 : 110);
        for (int c = 0; c < 3; c++) {
          rgb[(y * 4 + x) * 3 + c] = block == 3 || block == c ? level : 0;
        }
      }
    }
    return rgb;
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }
}
