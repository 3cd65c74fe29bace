// Clips, embedded by a stage of a Spark ML pipeline: for spark-shell, as README.md beside this file says.
import dev.mien.spark.MienDataset
import dev.mien.spark.embed.FaceVideoEmbedder
import org.apache.spark.ml.{Pipeline, PipelineModel}
import org.apache.spark.sql.functions.{struct, xxhash64}

// What ./mien quickstart made; elsewhere a folder at hdfs:///…, s3a://… or file:/….
val folder = sys.env.getOrElse("MIEN_FOLDER", s"file:${new java.io.File("mien-quickstart").getCanonicalPath}")
val dataset = MienDataset.open(s"$folder/dataset")
val run = s"$folder/run" // or one of its checkpoints/round-…
val pipeline = s"$folder/pipeline"

val clip = struct($"images", $"format", $"height", $"width").as("clip")
// Their ids first: to order whole clips is to read all frames of the dataset.
val some = dataset.clips.orderBy(xxhash64($"clip_id")).limit(24)
val ids = some.select("clip_id").as[String].collectAsList
val clips = dataset.clips(ids).select($"clip_id", $"person_id", clip)

val embedder = new FaceVideoEmbedder().setInputCol("clip").setOutputCol("windows").setModelUrl(run).setBatchSize(4)
new Pipeline().setStages(Array(embedder)).fit(clips).write.overwrite.save(pipeline)

// What was saved names the model's folder, and is read back by Python, Scala and Java.
val embedded = PipelineModel.load(pipeline).transform(clips)
embedded.selectExpr("person_id", "size(windows) AS windows", "size(windows[0].embedding) AS width").show
