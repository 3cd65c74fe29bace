package dev.mien.spark.session;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import dev.mien.model.marlin.MarlinArchitecture;
import dev.mien.model.nn.Precision;
import dev.mien.model.objective.MaskStrategy;
import dev.mien.model.objective.ObjectiveOptions;
import dev.mien.model.objective.ReconstructionTarget;
import dev.mien.model.optim.AdamWOptions;
import dev.mien.model.optim.DecayScope;
import dev.mien.model.optim.LearningRateSchedule;
import dev.mien.model.optim.SgdOptions;
import dev.mien.preprocessing.clip.ClipOptions;
import dev.mien.preprocessing.clip.FilterOptions;
import dev.mien.preprocessing.clip.PreprocessingOptions;
import dev.mien.preprocessing.crop.CropGeometry;
import dev.mien.preprocessing.crop.CropOptions;
import dev.mien.preprocessing.detect.DetectionOptions;
import dev.mien.preprocessing.picture.FrameFormat;
import dev.mien.preprocessing.region.RegionOptions;
import dev.mien.preprocessing.track.BoxUnit;
import dev.mien.preprocessing.track.ExpectedFace;
import dev.mien.preprocessing.track.FaceChoice;
import dev.mien.preprocessing.track.TrackOptions;
import dev.mien.preprocessing.video.DecodeOptions;
import dev.mien.spark.config.AugmentationOptions;
import dev.mien.spark.config.AveragingOptions;
import dev.mien.spark.config.ComputeDevice;
import dev.mien.spark.config.InnerState;
import dev.mien.spark.config.IsolationOptions;
import dev.mien.spark.config.OuterOptimiser;
import dev.mien.spark.config.ReadingOptions;
import dev.mien.spark.config.TrainingOptions;
import dev.mien.spark.config.UnreadableShards;
import dev.mien.spark.config.ValidationOptions;
import dev.mien.spark.config.ValidationUnit;
import dev.mien.spark.dataset.clip.ClipLocation;
import dev.mien.spark.dataset.clip.RowGroup;
import dev.mien.spark.doctor.Finding;
import dev.mien.spark.doctor.MachineCheck;
import dev.mien.spark.exchange.ChunkKey;
import dev.mien.spark.exchange.ChunkLayout;
import dev.mien.spark.exchange.Contribution;
import dev.mien.spark.exchange.Encoding;
import dev.mien.spark.exchange.StateBlock;
import dev.mien.spark.preprocess.SettledVideo;
import dev.mien.spark.preprocess.listing.VideoLabels;
import dev.mien.spark.preprocess.listing.VideoSource;
import dev.mien.spark.preprocess.task.Artefact;
import dev.mien.spark.pretrain.replica.Picture;
import dev.mien.spark.pretrain.replica.ReplicaPlan;
import dev.mien.spark.pretrain.replica.ReplicaReceipt;
import dev.mien.spark.pretrain.replica.RunSpecification;
import dev.mien.spark.pretrain.replica.Validated;
import dev.mien.spark.pretrain.sample.Sample;
import dev.mien.spark.run.Manifest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import org.apache.spark.serializer.KryoRegistrator;
import org.apache.spark.sql.catalyst.expressions.GenericRow;
import org.apache.spark.util.SerializableConfiguration;

/** Registers every type that Mien sends between processes. */
public final class MienRegistrator implements KryoRegistrator {

  private static final List<Class<? extends Record>> RECORDS =
      List.of(
          // preprocessing
          VideoSource.class,
          VideoLabels.class,
          PreprocessingOptions.class,
          DecodeOptions.class,
          DetectionOptions.class,
          TrackOptions.class,
          CropOptions.class,
          RegionOptions.class,
          ClipOptions.class,
          FilterOptions.class,
          ExpectedFace.class,
          IsolationOptions.class,
          Artefact.class,
          SettledVideo.class,
          // rounds
          RunSpecification.class,
          MarlinArchitecture.class,
          ObjectiveOptions.class,
          ObjectiveOptions.Adversary.class,
          AdamWOptions.class,
          SgdOptions.class,
          LearningRateSchedule.class,
          TrainingOptions.class,
          ReadingOptions.class,
          ValidationOptions.class,
          AugmentationOptions.class,
          AveragingOptions.class,
          ReplicaPlan.class,
          Sample.class,
          ClipLocation.class,
          RowGroup.class,
          ReplicaReceipt.class,
          Validated.class,
          Picture.class,
          Manifest.StoredFile.class,
          // exchange
          ChunkKey.class,
          ChunkLayout.class,
          Contribution.Chunk.class,
          Contribution.Attempt.class,
          Contribution.Receipt.class,
          Contribution.Failure.class,
          Contribution.Mean.class,
          StateBlock.class,
          // the doctor
          MachineCheck.class,
          Finding.class);

  private static final List<Class<?>> OTHERS =
      List.of(
          ArrayList.class,
          HashMap.class,
          HashSet.class,
          Object[].class,
          ReplicaPlan[].class,
          Duration.class,
          long[].class,
          int[][][].class,
          int[][].class,
          int[].class,
          double[].class,
          byte[].class,
          float[].class,
          byte[][].class,
          GenericRow.class,
          Artefact.Kind.class,
          CropGeometry.class,
          FaceChoice.class,
          BoxUnit.class,
          FrameFormat.class,
          ComputeDevice.class,
          InnerState.class,
          OuterOptimiser.class,
          UnreadableShards.class,
          ValidationUnit.class,
          Encoding.class,
          MaskStrategy.class,
          ReconstructionTarget.class,
          Precision.class,
          DecayScope.class);

  @Override
  public void registerClasses(Kryo kryo) {
    RECORDS.forEach(type -> register(kryo, type));
    OTHERS.forEach(kryo::register);
    kryo.register(SerializableConfiguration.class, new JavaSerializer());
  }

  private static <R extends Record> void register(Kryo kryo, Class<R> type) {
    kryo.register(type, new RecordSerializer<>(type));
  }
}
