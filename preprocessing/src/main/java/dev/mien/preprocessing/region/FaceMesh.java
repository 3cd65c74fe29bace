package dev.mien.preprocessing.region;

/** Outlines of facial parts as indices into the 468 landmarks, each a closed polygon. */
final class FaceMesh {
  static final int[] OVAL = {
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152,
    148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109
  };
  static final int[] RIGHT_EYE = {
    33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246
  };
  static final int[] LEFT_EYE = {
    263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466
  };
  static final int[] RIGHT_BROW = {46, 53, 52, 65, 55, 107, 66, 105, 63, 70};
  static final int[] LEFT_BROW = {276, 283, 282, 295, 285, 336, 296, 334, 293, 300};
  static final int[] NOSE = {
    168, 351, 399, 420, 358, 294, 327, 326, 2, 97, 98, 64, 129, 198, 174, 122
  };
  static final int[] MOUTH = {
    61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185
  };

  /** The parts inside the oval that do not have the colour of skin. */
  static final int[][] NO_SKIN = {RIGHT_EYE, LEFT_EYE, RIGHT_BROW, LEFT_BROW, MOUTH};

  static final int RIGHT_MOUTH_CORNER = 61;
  static final int LEFT_MOUTH_CORNER = 291;

  private FaceMesh() {}
}
