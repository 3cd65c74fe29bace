package dev.mien.spark;

import static java.nio.ByteOrder.BIG_ENDIAN;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Videos as a crawl brings them: small pieces of the samples in several containers and codecs, each
 * harmed in one of the ways below, and named {@code <harm>-<number>.<extension>}. The seed is the
 * file's number.
 */
final class HostileVideos {

  /** Enough for a track, and so for the second pass. */
  private static final int FRAMES = 20;

  private static final List<Kind> KINDS =
      List.of(
          new Kind("libopenh264", "mp4"),
          new Kind("libopenh264", "mkv"),
          new Kind("libopenh264", "flv"),
          new Kind("libopenh264", "ts"),
          new Kind("libopenh264", "avi"),
          new Kind("libsvtav1", "mp4"),
          new Kind("libvpx", "webm"),
          new Kind("libvpx-vp9", "webm"),
          new Kind("mpeg4", "mov"),
          new Kind("mpeg2video", "mpg"),
          new Kind("mjpeg", "avi"),
          new Kind("wmv2", "wmv"));

  private static final List<String> BOXES =
      List.of("moov", "trak", "mdia", "minf", "stbl", "stsd", "avcC", "av1C", "mdat", "ftyp");

  private static final List<Field> DURATIONS =
      List.of(
          new Field("mvhd", 20, 4, BIG_ENDIAN),
          new Field("tkhd", 24, 4, BIG_ENDIAN),
          new Field("mdhd", 20, 4, BIG_ENDIAN),
          new Field("D\u0089\u0088", 3, 8, BIG_ENDIAN), // Matroska
          new Field("duration\0", 9, 8, BIG_ENDIAN), // Flash
          new Field("avih", 24, 4, LITTLE_ENDIAN),
          new Field("vids", 32, 4, LITTLE_ENDIAN));

  /** A width and a height after it. */
  private static final List<Field> SIZES =
      List.of(
          new Field("avc1", 28, 4, BIG_ENDIAN),
          new Field("av01", 28, 4, BIG_ENDIAN),
          new Field("tkhd", 80, 8, BIG_ENDIAN),
          new Field("strf", 12, 8, LITTLE_ENDIAN),
          new Field("\u00ff\u00c0", 5, 4, BIG_ENDIAN), // JPEG
          new Field("\0\0\1\u00b3", 4, 3, BIG_ENDIAN), // MPEG-2
          new Field("\u009d\1*", 3, 4, BIG_ENDIAN)); // VP8

  private static final List<Field> RATES =
      List.of(
          new Field("mvhd", 16, 4, BIG_ENDIAN),
          new Field("mdhd", 16, 4, BIG_ENDIAN),
          new Field("stts", 16, 4, BIG_ENDIAN),
          new Field("#\u00e3\u0083\u0084", 4, 4, BIG_ENDIAN), // Matroska
          new Field("framerate\0", 10, 8, BIG_ENDIAN), // Flash
          new Field("avih", 8, 4, LITTLE_ENDIAN),
          new Field("vids", 20, 4, LITTLE_ENDIAN),
          new Field("vids", 24, 4, LITTLE_ENDIAN));

  private static final List<Field> TIMES =
      List.of(
          new Field("stts", 16, 4, BIG_ENDIAN),
          new Field("elst", 12, 4, BIG_ENDIAN),
          new Field("elst", 16, 4, BIG_ENDIAN),
          new Field("\u00e7\u0081", 2, 1, BIG_ENDIAN), // Matroska
          new Field("\0\0\1\u00e0", 9, 5, BIG_ENDIAN)); // MPEG

  private static final List<Field> COUNTS =
      List.of(
          new Field("stts", 12, 4, BIG_ENDIAN),
          new Field("stsz", 12, 4, BIG_ENDIAN),
          new Field("stsc", 16, 4, BIG_ENDIAN),
          new Field("avih", 24, 4, LITTLE_ENDIAN),
          new Field("vids", 32, 4, LITTLE_ENDIAN));

  private static final List<Field> PLACES =
      List.of(
          new Field("stco", 12, 4, BIG_ENDIAN),
          new Field("stsz", 16, 4, BIG_ENDIAN),
          new Field("stsz", 8, 4, BIG_ENDIAN),
          new Field("stsc", 16, 4, BIG_ENDIAN),
          new Field("idx1", 16, 4, LITTLE_ENDIAN));

  private static final List<Harm> HARMS =
      List.of(
          new Harm("empty", (video, random) -> new byte[0]),
          new Harm(
              "text",
              (video, random) -> "No video. ".repeat(1 + random.nextInt(999)).getBytes(UTF_8)),
          new Harm(
              "misnamed",
              (video, random) -> Arrays.copyOf(video, video.length + 1 + random.nextInt(99))),
          new Harm("cut", (video, random) -> Arrays.copyOf(video, random.nextInt(video.length))),
          new Harm("flipped", HostileVideos::flipBits),
          new Harm("noisy", HostileVideos::fillWithNoise),
          new Harm("zeroed", HostileVideos::zeroSpan),
          new Harm("stuttering", HostileVideos::repeatSpan),
          new Harm("boxless", HostileVideos::resizeBox),
          new Harm("frameless", HostileVideos::zeroSecondHalf),
          new Harm(
              "endless",
              (video, random) -> claim(DURATIONS, withoutTags(video), random, bits(1e15), -1)),
          new Harm(
              "huge", (video, random) -> claim(SIZES, video, random, pair(30_000), pair(4096))),
          new Harm("rateless", (video, random) -> claim(RATES, video, random, 0, 1L << 32)),
          new Harm("leaping", (video, random) -> claim(TIMES, video, random, random.nextLong())),
          new Harm(
              "promising",
              (video, random) -> claim(COUNTS, video, random, random.nextLong(50_000L << 32))),
          new Harm(
              "misplaced", (video, random) -> claim(PLACES, video, random, random.nextLong())));

  private HostileVideos() {}

  /** One way to harm a video, perhaps in place; one that finds nothing to harm leaves it. */
  private record Harm(String name, Mutation mutation) {}

  private record Kind(String encoder, String extension) {}

  private interface Mutation {
    byte[] of(byte[] video, Random random);
  }

  /** A number in a header, so many bytes after the start of a mark. */
  private record Field(String mark, int offset, int bytes, ByteOrder order) {}

  /** Writes the whole ones: a second of each sample, 192x144 but for copies of its own frames. */
  static List<Path> whole(Path folder) throws Exception {
    List<Path> whole = new ArrayList<>();
    for (Path sample : List.of(TestVideos.CAP12, TestVideos.CAP13)) {
      String name = sample.getParent().getFileName().toString();
      Path copy = folder.resolve(name + "-copied.mkv");
      whole.add(TestVideos.copy(sample, copy, "matroska", FRAMES, 1));
      for (Kind kind : KINDS) {
        Path file = folder.resolve("%s-%s.%s".formatted(name, kind.encoder, kind.extension));
        whole.add(TestVideos.encode(sample, file, kind.encoder, 192, 144, FRAMES));
      }
    }
    return whole;
  }

  /** Writes harmed videos, made of whole ones. */
  static void write(Path folder, List<Path> whole, int files) throws IOException {
    Set<ByteBuffer> known = new HashSet<>();
    for (Path video : whole) {
      known.add(ByteBuffer.wrap(Files.readAllBytes(video)));
    }
    for (int number = 0; number < files; number++) {
      Random random = new Random(number);
      Harm harm = HARMS.get(number % HARMS.size());
      Path source;
      byte[] harmed;
      do {
        source = whole.get(random.nextInt(whole.size()));
        harmed = harm.mutation.of(Files.readAllBytes(source), random);
      } while (harmed.length > 0 && !known.add(ByteBuffer.wrap(harmed)));

      Path named = harm.name.equals("misnamed") ? whole.get(random.nextInt(whole.size())) : source;
      Files.write(
          folder.resolve("%s-%03d.%s".formatted(harm.name, number, extension(named))), harmed);
    }
  }

  private static String extension(Path file) {
    String name = file.getFileName().toString();
    return name.substring(name.lastIndexOf('.') + 1);
  }

  private static byte[] flipBits(byte[] video, Random random) {
    for (int i = random.nextInt(200); i >= 0; i--) {
      video[random.nextInt(video.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return video;
  }

  private static byte[] fillWithNoise(byte[] video, Random random) {
    byte[] noise = new byte[random.nextInt(video.length / 4)];
    random.nextBytes(noise);
    System.arraycopy(noise, 0, video, random.nextInt(video.length - noise.length), noise.length);
    return video;
  }

  private static byte[] zeroSpan(byte[] video, Random random) {
    int from = random.nextInt(video.length);
    Arrays.fill(video, from, Math.min(video.length, from + random.nextInt(4000)), (byte) 0);
    return video;
  }

  private static byte[] repeatSpan(byte[] video, Random random) {
    int from = random.nextInt(video.length);
    return ByteBuffer.allocate(2 * video.length - from)
        .put(video)
        .put(video, from, video.length - from)
        .array();
  }

  /** Claims another size for a box of MP4, its own or a child's. */
  private static byte[] resizeBox(byte[] video, Random random) {
    String box = BOXES.get(random.nextInt(BOXES.size()));
    int size = random.nextInt(1 << (1 + random.nextInt(30)));
    places(box, video).stream()
        .findFirst()
        .ifPresent(place -> ByteBuffer.wrap(video).putInt(place - 4, size));
    return video;
  }

  /** Leaves the index, which MP4 has at its end, with nothing behind it. */
  private static byte[] zeroSecondHalf(byte[] video, Random random) {
    int index = places("moov", video).stream().reduce(video.length, (before, place) -> place - 4);
    int from = Math.min(index, video.length / 2 - random.nextInt(video.length / 4));
    Arrays.fill(video, from, index, (byte) 0);
    return video;
  }

  /** Puts the leading bytes of one of the numbers into one of the fields that the video has. */
  private static byte[] claim(List<Field> fields, byte[] video, Random random, long... numbers) {
    Field field = fields.get(random.nextInt(fields.size()));
    List<Integer> places = places(field.mark, video);
    if (!places.isEmpty()) {
      int place = places.get(random.nextInt(places.size())) + field.offset;
      byte[] number =
          ByteBuffer.allocate(Long.BYTES).putLong(numbers[random.nextInt(numbers.length)]).array();
      for (int i = 0; i < field.bytes; i++) {
        int target = field.order == BIG_ENDIAN ? i : field.bytes - 1 - i;
        video[Math.min(place + target, video.length - 1)] = number[i];
      }
    }
    return video;
  }

  /** Matroska's tags state the duration of each track, which is believed before the file's. */
  private static byte[] withoutTags(byte[] video) {
    places("DURATION", video).forEach(place -> video[place] = 'N');
    return video;
  }

  private static long bits(double number) {
    return Double.doubleToLongBits(number);
  }

  /** Width and height, twice. */
  private static long pair(int side) {
    return 0x0001_0001_0001_0001L * side;
  }

  private static List<Integer> places(String mark, byte[] video) {
    String text = new String(video, ISO_8859_1);
    List<Integer> places = new ArrayList<>();
    for (int at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + 1)) {
      places.add(at);
    }
    return places;
  }
}
