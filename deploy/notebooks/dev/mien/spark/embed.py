"""Mien's embedder for PySpark.

The module has the name of the Java package, by which Spark finds the class when it reads a saved
pipeline back. What the parameters mean is said by explainParams() and by the Java class.
"""

from pyspark import keyword_only
from pyspark.ml.param import Param, Params, TypeConverters
from pyspark.ml.util import JavaMLReadable, JavaMLWritable
from pyspark.ml.wrapper import JavaTransformer


def parameter(name, doc, converter=TypeConverters.toString):
    return Param(Params._dummy(), name, doc, converter)


class FaceVideoEmbedder(JavaTransformer, JavaMLReadable, JavaMLWritable):
    """Embeds clips, or videos by their URIs: FaceVideoEmbedder(inputCol="clip", modelUrl=run)."""

    inputCol = parameter("inputCol", "column of clips or of videos' URIs")
    outputCol = parameter("outputCol", "column of embedded windows")
    modelUrl = parameter("modelUrl", "folder of a run, of a checkpoint or of an export for DJL")
    batchSize = parameter("batchSize", "most windows in a forward pass", TypeConverters.toInt)
    stride = parameter("stride", "frames from one frame of a window to the next; 0: as the model was trained",
                       TypeConverters.toInt)
    windowStride = parameter("windowStride", "frames of a window from its start to that of the next",
                             TypeConverters.toInt)
    tail = parameter("tail", "covered: the last window ends where the clip does; dropped: frames after the last"
                             " regular window are left out")
    output = parameter("output", "pooled: the mean of a window's tokens; sequence: all of them, one after the other")
    device = parameter("device", "cpu, or gpu: the one that Spark gives the task")
    engine = parameter("engine", "of the network: PyTorch alone")
    translatorFactory = parameter("translatorFactory", "name of the class that makes a clip the network's input")

    @keyword_only
    def __init__(self, *, inputCol=None, outputCol=None, modelUrl=None, batchSize=None, stride=None,
                 windowStride=None, tail=None, output=None, device=None, engine=None,
                 translatorFactory=None):
        super().__init__()
        try:
            self._java_obj = self._new_java_obj("dev.mien.spark.embed.FaceVideoEmbedder", self.uid)
        except TypeError as absent:  # what py4j makes of a class that is not there
            raise ImportError("FaceVideoEmbedder needs mien.jar on the class path (--jars)") from absent
        self._transfer_params_from_java()
        self._set(**self._input_kwargs)
