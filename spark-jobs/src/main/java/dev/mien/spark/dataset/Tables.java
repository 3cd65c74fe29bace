package dev.mien.spark.dataset;

import static org.apache.spark.sql.types.DataTypes.BinaryType;
import static org.apache.spark.sql.types.DataTypes.DoubleType;
import static org.apache.spark.sql.types.DataTypes.FloatType;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;
import static org.apache.spark.sql.types.DataTypes.createArrayType;
import static org.apache.spark.sql.types.DataTypes.createMapType;

import org.apache.spark.sql.types.StructType;

/**
 * The columns of the three tables. Arrays are row-major; times are microseconds of the file's
 * clock; boxes are {@code x, y, width, height} in source pixels.
 */
public final class Tables {

  /** Quality figures of a track or a clip. */
  public static final StructType QUALITY =
      new StructType()
          .add("detector_score", FloatType, false) // mean, [0,1]
          .add("landmark_presence", FloatType, false) // mean, [0,1]
          .add("landmark_share", FloatType, false) // of the frames, with landmarks, [0,1]
          .add("face_side", FloatType, false) // source pixels
          .add("sharpness", FloatType, false) // variance of the Laplacian
          .add("brightness", FloatType, false) // mean, [0,255]
          .add("motion", FloatType, false) // mean absolute difference of frames, [0,255]
          .add("yaw", FloatType, false) // degrees
          .add("pitch", FloatType, false)
          .add("roll", FloatType, false);

  /** Outcomes of a video; all but the first come with a reason. */
  public static final String PROCESSED = "processed";

  public static final String REJECTED = "rejected";

  public static final String QUARANTINED = "quarantined";

  /** One row per source video. */
  public static final StructType VIDEOS =
      new StructType()
          .add("video_id", StringType, false)
          .add("uri", StringType, false)
          .add("size", LongType, false)
          .add("modified", LongType, false) // milliseconds since 1970
          .add("content_hash", StringType, false) // sha256, hex
          .add("person_id", StringType)
          .add("split", StringType)
          .add(
              "source_video",
              StringType) // the YouTube id in VoxCeleb, of whole videos and of utterances cut from
          // them
          .add(
              "utterance",
              StringType) // the part of the source that it is; null when it was not cut
          .add("width", IntegerType)
          .add("height", IntegerType)
          .add("frames_per_second", DoubleType)
          .add("seconds", DoubleType)
          .add("codec", StringType)
          .add("rotation", IntegerType)
          .add("frames_promised", IntegerType)
          .add("frames_decoded", IntegerType, false)
          .add("tracks", IntegerType, false)
          .add("clips", IntegerType, false)
          .add("clip_bytes", LongType, false) // of the stored frames
          .add("outcome", StringType, false) // processed | rejected | quarantined
          .add("reason", StringType, false)
          .add("dropped", createMapType(StringType, IntegerType, false), false) // by reason
          .add("problems", createArrayType(StringType, false), false) // of its metadata
          .add("pipeline", StringType, false) // fingerprint of the settings and models
          .add("boxes", StringType) // fingerprint of VoxCeleb's boxes; empty when there were none
          .add(
              "times", // seconds spent
              new StructType()
                  .add("decode", DoubleType)
                  .add("detect", DoubleType)
                  .add("landmark", DoubleType)
                  .add("crop", DoubleType)
                  .add("region", DoubleType)
                  .add("encode", DoubleType),
              false);

  /** One row per face and shot. */
  public static final StructType TRACKS =
      new StructType()
          .add("track_id", StringType, false)
          .add("video_id", StringType, false)
          .add("person_id", StringType)
          .add("shot", IntegerType, false)
          .add("first_frame", IntegerType, false)
          .add("frames", IntegerType, false)
          .add("first_timestamp", LongType, false)
          .add("last_timestamp", LongType, false)
          .add("timestamps", createArrayType(LongType, false), false)
          .add("boxes", createArrayType(FloatType, false), false) // [frames,4], smoothed
          .add("scores", createArrayType(FloatType, false), false) // [frames], of the detector
          .add(
              "thumbnails",
              createArrayType(
                  new StructType()
                      .add("frame", IntegerType) // index in the track
                      .add("jpeg", BinaryType)
                      .add("scale", DoubleType), // thumbnail pixels per source pixel
                  false),
              false)
          .add("quality", QUALITY, false);

  /** One row per stored clip: consecutive frames of one track. */
  public static final StructType CLIPS =
      new StructType()
          .add("clip_id", StringType, false)
          .add("track_id", StringType, false)
          .add("video_id", StringType, false)
          .add("person_id", StringType)
          .add("split", StringType)
          .add("index_in_track", IntegerType, false)
          .add("frames", IntegerType, false) // T
          .add("height", IntegerType, false)
          .add("width", IntegerType, false)
          .add("frames_per_second", DoubleType, false)
          .add("timestamps", createArrayType(LongType, false), false) // [T]
          .add("format", StringType, false) // jpeg | raw, RGB [H,W,3]
          .add("images", createArrayType(BinaryType, false), false) // [T]
          .add("regions", BinaryType, false) // [T,56,56] uint8, one bit per region
          .add("landmarks", BinaryType, false) // [T,468,2] int16 little-endian, 1/64 pixel
          .add("quality", QUALITY, false)
          .add("fingerprint", createArrayType(LongType, false), false); // [4] perceptual hashes

  private Tables() {}
}
