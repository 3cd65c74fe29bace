package dev.mien.spark.embed;

import dev.mien.model.marlin.ClipTranslatorFactory;
import dev.mien.model.marlin.WindowSampling;
import dev.mien.spark.config.ComputeDevice;
import dev.mien.spark.config.EmbeddingOptions;
import dev.mien.spark.resident.TaskDevice;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Embeds face videos. The parameters have the names of DJL's Spark extension.
 *
 * <ul>
 *   <li>{@code inputCol}: a clip as the clips table has it, {@code
 *       struct<images:array<binary>,format:string,height:int,width:int>}, or the URI of a video
 *       file, {@code string};
 *   <li>{@code outputCol}: of a clip {@code array<struct<first_frame:int,embedding:array<float>>>},
 *       its windows; of a video {@code struct<outcome:string,reason:string,windows:array<...>>},
 *       whose windows also name their {@code clip} and {@code timestamp_micros};
 *   <li>{@code modelUrl}: folder of a run, of a checkpoint or of an export for DJL; of a run it is
 *       the checkpoint that is the newest when {@link #transform} is called;
 *   <li>{@code batchSize}: most windows in a forward pass, of one row after another (of a video, of
 *       one clip of it after another); as many rows are held in memory at most. An embedding may
 *       differ in its last bits with the windows that it went through the network with;
 *   <li>{@code stride}: frames between two frames of a window; 0, the default, is as many as the
 *       model was trained with;
 *   <li>{@code windowStride}: frames of a window between the starts of two windows;
 *   <li>{@code tail}: {@code covered}, with a last window that ends where the clip does, or {@code
 *       dropped}, where frames after the last regular window are left out; in capitals, too, as of
 *       the next two;
 *   <li>{@code output}: {@code pooled}, the mean of a window's tokens, or {@code sequence}, all of
 *       them one after the other, which exported models cannot give;
 *   <li>{@code device}: {@code cpu}, or {@code gpu}, the one that Spark gives the task;
 *   <li>{@code engine} and {@code translatorFactory}, which the extension's users set: {@code
 *       PyTorch} and {@link ClipTranslatorFactory}, and no other.
 * </ul>
 *
 * A clip that is too short for a window at the stride (16 frames at stride 2 span 31) is taken
 * frame by frame, as MARLIN does: in one window, or in two that overlap where {@code tail} is
 * {@code covered} and it has more frames than a window. The last frame is repeated only where it
 * has fewer.
 *
 * <p>Windows are cut in each clip by itself, and none goes from one to the next; so it is in a
 * video, whose tracks are cut into clips of at most 64 frames. MARLIN's own feature extraction cuts
 * a whole video: of 214 frames it takes six windows, of which the clips of 64, 64, 43 and 43 frames
 * have four with {@code tail} {@code dropped}, or eight with {@code covered}. A video with one
 * track has MARLIN's windows, with {@code dropped}, when it is preprocessed with a {@code
 * clip.maximum-frames} that the track, of some minutes at most, does not exceed.
 *
 * <p>A video is preprocessed by the reference configuration, whatever the model was trained on:
 * MARLIN's crops of everybody whose face is in it. A video that cannot be used has its reason and
 * no windows. For other crops preprocess the videos with {@code mien preprocess}, and embed the
 * clips.
 */
public final class FaceVideoEmbedder extends Transformer implements DefaultParamsWritable {

  private static final long serialVersionUID = 1L;

  private static final String ENGINE = "PyTorch";
  private static final String TRANSLATOR_FACTORY = ClipTranslatorFactory.class.getName();

  private final String uid;
  private final Param<String> inputCol;
  private final Param<String> outputCol;
  private final Param<String> modelUrl;
  private final IntParam batchSize;
  private final IntParam stride;
  private final IntParam windowStride;
  private final Param<String> tail;
  private final Param<String> output;
  private final Param<String> device;
  private final Param<String> engine;
  private final Param<String> translatorFactory;

  public FaceVideoEmbedder() {
    this(Identifiable$.MODULE$.randomUID("faceVideoEmbedder"));
  }

  /**
   * An embedder with a given uid, as pipelines read it back.
   *
   * @param uid unique name of this transformer in a pipeline
   */
  public FaceVideoEmbedder(String uid) {
    this.uid = uid;
    this.inputCol = new Param<>(uid, "inputCol", "column of clips or of videos' URIs");
    this.outputCol = new Param<>(uid, "outputCol", "column of embedded windows");
    this.modelUrl =
        new Param<>(uid, "modelUrl", "folder of a run, of a checkpoint or of an export for DJL");
    this.batchSize =
        new IntParam(uid, "batchSize", "most windows in a forward pass", ParamValidators.gt(0));
    this.stride =
        new IntParam(
            uid,
            "stride",
            "frames from one frame of a window to the next; 0: as the model was trained",
            ParamValidators.gtEq(0));
    this.windowStride =
        new IntParam(
            uid,
            "windowStride",
            "frames of a window from its start to that of the next",
            ParamValidators.gt(0));
    this.tail =
        choice(
            "tail",
            "covered: the last window ends where the clip does; dropped: frames after the last"
                + " regular window are left out",
            WindowSampling.Tail.values());
    this.output =
        choice(
            "output",
            "pooled: the mean of a window's tokens; sequence: all of them, one after the other",
            EmbeddingOptions.Output.values());
    this.device =
        choice("device", "cpu, or gpu: the one that Spark gives the task", ComputeDevice.values());
    this.engine = oneOf("engine", "of the network: PyTorch alone", List.of(ENGINE));
    this.translatorFactory =
        oneOf(
            "translatorFactory",
            "name of the class that makes a clip the network's input",
            List.of(TRANSLATOR_FACTORY));

    setDefault(inputCol, "clip");
    setDefault(outputCol, "windows");
    setDefault(batchSize, 8);
    setDefault(stride, 0);
    setDefault(windowStride, 16);
    setDefault(tail, written(WindowSampling.Tail.COVERED));
    setDefault(output, written(EmbeddingOptions.Output.POOLED));
    setDefault(device, written(ComputeDevice.CPU));
    setDefault(engine, ENGINE);
    setDefault(translatorFactory, TRANSLATOR_FACTORY);
  }

  /** A parameter with an enum's names, written as in configurations or as in Java. */
  private Param<String> choice(String name, String explanation, Enum<?>... values) {
    return oneOf(
        name,
        explanation,
        Arrays.stream(values).flatMap(value -> Stream.of(written(value), value.name())).toList());
  }

  private Param<String> oneOf(String name, String explanation, List<String> values) {
    return new Param<>(uid, name, explanation, ParamValidators.inArray(values));
  }

  private static String written(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  /** A reader of what {@link #write} wrote. */
  public static MLReader<FaceVideoEmbedder> read() {
    return new DefaultParamsReader<>();
  }

  /** Loads an embedder that was saved in a folder. */
  public static FaceVideoEmbedder load(String path) {
    return read().load(path);
  }

  @Override
  public String uid() {
    return uid;
  }

  public Param<String> inputCol() {
    return inputCol;
  }

  public Param<String> outputCol() {
    return outputCol;
  }

  public Param<String> modelUrl() {
    return modelUrl;
  }

  public IntParam batchSize() {
    return batchSize;
  }

  public IntParam stride() {
    return stride;
  }

  public IntParam windowStride() {
    return windowStride;
  }

  public Param<String> tail() {
    return tail;
  }

  public Param<String> output() {
    return output;
  }

  public Param<String> device() {
    return device;
  }

  public Param<String> engine() {
    return engine;
  }

  public Param<String> translatorFactory() {
    return translatorFactory;
  }

  public FaceVideoEmbedder setInputCol(String value) {
    set(inputCol, value);
    return this;
  }

  public FaceVideoEmbedder setOutputCol(String value) {
    set(outputCol, value);
    return this;
  }

  public FaceVideoEmbedder setModelUrl(String value) {
    set(modelUrl, value);
    return this;
  }

  public FaceVideoEmbedder setBatchSize(int value) {
    set(batchSize, value);
    return this;
  }

  public FaceVideoEmbedder setStride(int value) {
    set(stride, value);
    return this;
  }

  public FaceVideoEmbedder setWindowStride(int value) {
    set(windowStride, value);
    return this;
  }

  public FaceVideoEmbedder setTail(WindowSampling.Tail value) {
    set(tail, written(value));
    return this;
  }

  public FaceVideoEmbedder setOutput(EmbeddingOptions.Output value) {
    set(output, written(value));
    return this;
  }

  public FaceVideoEmbedder setDevice(String value) {
    set(device, value);
    return this;
  }

  public FaceVideoEmbedder setEngine(String value) {
    set(engine, value);
    return this;
  }

  public FaceVideoEmbedder setTranslatorFactory(String value) {
    set(translatorFactory, value);
    return this;
  }

  @Override
  public Dataset<Row> transform(Dataset<?> dataset) {
    StructType schema = transformSchema(dataset.schema());
    ComputeDevice wanted = ComputeDevice.valueOf(upper($(device)));
    TaskDevice.requireGiven(dataset.sparkSession().sparkContext().getConf(), "device", wanted);
    Configuration hadoop = dataset.sparkSession().sessionState().newHadoopConf();
    EncoderModel model = EncoderModel.find(hadoop, $(modelUrl));
    ResidentEncoder encoder =
        new ResidentEncoder(
            model, (int) $(batchSize), wanted, new SerializableConfiguration(hadoop));
    EmbeddingOptions options =
        model.options(
            hadoop,
            new EmbeddingOptions(
                (int) $(batchSize),
                (int) $(stride),
                (int) $(windowStride),
                WindowSampling.Tail.valueOf(upper($(tail))),
                EmbeddingOptions.Output.valueOf(upper($(output)))));
    int column = dataset.schema().fieldIndex($(inputCol));
    MapPartitionsFunction<Row, Row> embed =
        isVideo(dataset.schema())
            ? new EmbedVideos(encoder, column, options)
            : new EmbedClips(encoder, column, options);
    return dataset.toDF().mapPartitions(embed, Encoders.row(schema));
  }

  @Override
  public StructType transformSchema(StructType schema) {
    String input = $(inputCol);
    DataType found =
        schema.getFieldIndex(input).isDefined()
            ? schema.apply(input).dataType()
            : DataTypes.NullType;
    if (!found.equals(DataTypes.StringType)
        && !DataType.equalsIgnoreNullability(found, EmbedClips.CLIP)) {
      throw new IllegalArgumentException(
          "Invalid inputCol: %s is %s (must be %s, or string for the URIs of videos)"
              .formatted(input, found.simpleString(), EmbedClips.CLIP.simpleString()));
    }
    if (!isDefined(modelUrl)) {
      throw new IllegalArgumentException(
          "Missing modelUrl (the folder of a run, of a checkpoint or of an export for DJL)");
    }
    if (schema.getFieldIndex($(outputCol)).isDefined()) {
      throw new IllegalArgumentException(
          "Invalid outputCol: " + $(outputCol) + " (must not be there already)");
    }
    DataType output = isVideo(schema) ? EmbedVideos.VIDEO : EmbedClips.WINDOWS;
    return schema.add($(outputCol), output, false);
  }

  @Override
  public Transformer copy(ParamMap extra) {
    return defaultCopy(extra);
  }

  private static String upper(String choice) {
    return choice.toUpperCase(Locale.ROOT);
  }

  private boolean isVideo(StructType schema) {
    return schema.apply($(inputCol)).dataType().equals(DataTypes.StringType);
  }
}
