package dev.mien.spark.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.spark.resource.ResourceInformation;
import org.testng.annotations.Test;

/** What the discovery script makes of {@code nvidia-smi}, as Spark reads it. */
public class DiscoverGpusTest {

  @Test
  public void everyGpuIsAnAddress() throws Exception {
    ResourceInformation found = discover("printf '0\\n1\\n'");
    assertThat(found.name()).isEqualTo("gpu");
    assertThat(found.addresses()).containsExactly("0", "1");
  }

  @Test
  public void aMachineMayHaveNone() throws Exception {
    assertThat(discover("true").addresses()).isEmpty();
  }

  @Test
  public void aDriverThatFailsIsNotAMachineWithoutGpus() throws Exception {
    assertThat(run("echo 'Failed to initialize NVML' >&2; exit 9").exit()).isEqualTo(9);
  }

  private static ResourceInformation discover(String nvidiaSmi)
      throws IOException, InterruptedException {
    Script.Ended ended = run(nvidiaSmi);
    assertThat(ended.exit()).as(ended.said()).isZero();
    return ResourceInformation.parseJson(ended.said());
  }

  private static Script.Ended run(String nvidiaSmi) throws IOException, InterruptedException {
    Path bin = Files.createTempDirectory("nvidia");
    Script.program(bin.resolve("nvidia-smi"), nvidiaSmi);
    String path = bin + ":" + System.getenv("PATH");
    return Script.run(Map.of("PATH", path), "gpu/discover-gpus");
  }
}
