package dev.mien.spark.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.spark.storage.LocalDisk;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import org.apache.spark.SecurityManager;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.k8s.KubernetesConf;
import org.apache.spark.deploy.k8s.SparkPod;
import org.apache.spark.deploy.k8s.submit.JavaMainAppResource;
import org.apache.spark.deploy.k8s.submit.KubernetesDriverBuilder;
import org.apache.spark.resource.ResourceProfile$;
import org.apache.spark.scheduler.cluster.k8s.KubernetesExecutorBackend;
import org.apache.spark.scheduler.cluster.k8s.KubernetesExecutorBuilder;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;
import scala.Option;

/** The pods that Spark itself makes of {@code deploy/kubernetes}, short of handing them in. */
public class PodsTest {

  private static final Path FOLDER = Script.DEPLOY.resolve("kubernetes");

  private KubernetesClient client;

  /** It reads templates; no server is asked. */
  @BeforeClass
  public void openClient() {
    client = new KubernetesClientBuilder().withConfig(Config.empty()).build();
  }

  @AfterClass(alwaysRun = true)
  public void closeClient() {
    client.close();
    ResourceProfile$.MODULE$.clearDefaultProfile();
  }

  @Test
  public void driversRunMienAndWriteOnlyWhereTheyMay() throws Exception {
    SparkPod driver = driver();
    assertConfined(driver, "mien:0.1.0");
    assertThat(driver.pod().getSpec().getServiceAccountName()).isEqualTo("mien-driver");
    assertThat(driver.container().getArgs())
        .containsSubsequence("driver", "--properties-file", "--class", "dev.mien.spark.cli.Mien")
        .containsSubsequence("local:///opt/mien/mien.jar", "preprocess", "--input");
    assertThat(memory(driver)).isEqualTo(10L << 30);
  }

  @Test
  public void driversHaveTimeToWriteACheckpointWhenTheyAreEnded() throws Exception {
    // Mien's hook waits for one for 300 s; Kubernetes kills after 30 unless told.
    assertThat(driver().pod().getSpec().getTerminationGracePeriodSeconds()).isGreaterThan(300);
  }

  @Test
  public void executorsAskNothingOfKubernetesAndKeepTheSecretOutOfTheirEnvironment()
      throws Exception {
    SparkPod executor = executor(settings("spark"));
    assertConfined(executor, "mien:0.1.0");
    assertThat(executor.pod().getSpec().getServiceAccountName()).isEqualTo("mien-executor");
    assertThat(executor.pod().getSpec().getAutomountServiceAccountToken()).isFalse();
    assertThat(environment(executor)).doesNotContainKey("_SPARK_AUTH_SECRET");
    assertThat(environment(executor)).containsEntry("SPARK_LOCAL_DIRS", "/spill");
    assertThat(settings("spark").getSizeAsBytes(LocalDisk.SIZE)).isEqualTo(spill(executor));
    assertThat(memory(executor)).isEqualTo(16L << 30);
    assertThat(executor.container().getResources().getRequests().get("cpu"))
        .isEqualTo(new Quantity("4"));
  }

  /** The bytes that Kubernetes lends an executor for temporary files. */
  private static long spill(SparkPod executor) {
    Quantity limit =
        executor.pod().getSpec().getVolumes().stream()
            .filter(volume -> volume.getName().equals("spark-local-dir-1"))
            .map(volume -> volume.getEmptyDir().getSizeLimit())
            .findFirst()
            .orElseThrow();
    return Quantity.getAmountInBytes(limit).longValueExact();
  }

  @Test
  public void pretrainingAsksForOneGpuToAnExecutor() throws Exception {
    SparkConf settings = settings("gpu-spark");
    assertThat(settings.getInt("spark.executor.cores", 1))
        .isEqualTo(settings.getInt("spark.task.cpus", 1));
    SparkPod executor = executor(settings);
    assertConfined(executor, "mien:0.1.0-cuda");
    assertThat(memory(executor)).isEqualTo(24L << 30);
    assertThat(executor.container().getResources().getLimits())
        .containsEntry("nvidia.com/gpu", new Quantity("1"));
    assertThat(executor.pod().getSpec().getTolerations())
        .anyMatch(toleration -> toleration.getKey().equals("nvidia.com/gpu"));
  }

  @Test
  public void theEntryPointStartsTheExecutorThatSparkMeans() throws Exception {
    SparkConf settings = settings("spark");
    settings.set("spark.executor.extraJavaOptions", "-Da=\"b c\" -Dd=e");
    List<String> command = command(settings);
    assertThat(command).contains("-Xmx6144m", "-Da=b c", "-Dd=e");
    assertThat(command).containsSubsequence("-cp", "/opt/spark/conf:/opt/spark/jars/*");
    String main = "org.apache.spark.scheduler.cluster.k8s.KubernetesExecutorBackend";
    List<String> arguments = command.subList(command.indexOf(main) + 1, command.size());

    // Spark's own reading ends the process at a name that it does not know.
    assertThat(arguments.stream().filter(argument -> argument.startsWith("--")))
        .containsExactlyInAnyOrder(
            "--driver-url",
            "--executor-id",
            "--cores",
            "--app-id",
            "--hostname",
            "--resourceProfileId",
            "--podName");
    KubernetesExecutorBackend.Arguments read =
        KubernetesExecutorBackend.parseArguments(arguments.toArray(String[]::new), main);
    assertThat(read.driverUrl()).contains("CoarseGrainedScheduler@driver.mien:7078");
    assertThat(read.executorId()).isEqualTo("1");
    assertThat(read.cores()).isEqualTo(4);
    assertThat(read.appId()).isEqualTo("vox");
    assertThat(read.hostname()).isEqualTo("10.1.2.3");
    assertThat(read.podName()).isEqualTo("vox-exec-1");
  }

  /** An executor has no settings but those of its command until it may talk to the driver. */
  @Test
  public void anExecutorCanReadItsSecret() throws Exception {
    SparkConf own = new SparkConf(false);
    command(settings("spark")).stream()
        .filter(argument -> argument.startsWith("-Dspark."))
        .map(argument -> argument.substring("-D".length()).split("=", 2))
        .forEach(option -> own.set(option[0], option[1]));
    Path secret = Files.writeString(Files.createTempFile("secret", null), "known to both");
    own.set("spark.authenticate.secret.file", secret.toString());

    assertThat(
            new SecurityManager(own, Option.empty(), SecurityManager.$lessinit$greater$default$3())
                .getSecretKey())
        .isNotEmpty();
    Files.delete(secret);
  }

  /** The program and arguments that the entry point makes of an executor's environment. */
  private List<String> command(SparkConf settings) throws Exception {
    Map<String, String> environment = environment(executor(settings));
    // Kubernetes fills these in.
    environment.put("SPARK_EXECUTOR_POD_IP", "10.1.2.3");
    environment.put("SPARK_EXECUTOR_POD_NAME", "vox-exec-1");
    environment.put("SPARK_CONF_DIR", "/opt/spark/conf");
    environment.put("SPARK_HOME", "/opt/spark");
    Path java = Files.createTempDirectory("java");
    Script.program(java.resolve("bin/java"), "printf '%s\\n' \"$@\"");
    environment.put("JAVA_HOME", java.toString());

    Script.Ended ended = Script.run(environment, "kubernetes/entrypoint", "executor");
    assertThat(ended.exit()).as(ended.said()).isZero();
    return ended.said().lines().toList();
  }

  /** What Kubernetes' restricted standard asks for, and a place for all that is written. */
  private static void assertConfined(SparkPod made, String image) {
    PodSpec pod = made.pod().getSpec();
    Container container = made.container();
    assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
    assertThat(pod.getSecurityContext().getRunAsUser()).isEqualTo(10001);
    assertThat(pod.getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
    assertThat(container.getImage()).isEqualTo(image);
    assertThat(container.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
    assertThat(container.getSecurityContext().getAllowPrivilegeEscalation()).isFalse();
    assertThat(container.getSecurityContext().getCapabilities().getDrop()).containsExactly("ALL");

    List<String> mounts =
        container.getVolumeMounts().stream().map(VolumeMount::getMountPath).toList();
    assertThat(mounts).contains("/tmp", "/home/mien", "/data", "/run/secrets/mien");
    assertThat(mounts).contains(environment(made).get("SPARK_LOCAL_DIRS"));
  }

  private SparkPod driver() throws IOException {
    return new KubernetesDriverBuilder()
        .buildFromFeatures(
            KubernetesConf.createDriverConf(
                settings("spark"),
                "vox",
                new JavaMainAppResource(Option.apply("local:///opt/mien/mien.jar")),
                "dev.mien.spark.cli.Mien",
                new String[] {"preprocess", "--input", "file:///data/videos"},
                Option.empty()),
            client)
        .pod();
  }

  /** As a driver makes it, which has the secret's file. */
  private SparkPod executor(SparkConf settings) throws IOException {
    ResourceProfile$.MODULE$.clearDefaultProfile();
    assertThat(settings.get("spark.authenticate.secret.file"))
        .isEqualTo("/run/secrets/mien/secret");
    Path secret = Files.createTempFile("secret", null);
    Files.writeString(secret, "known to drivers and executors");
    settings
        .set("spark.authenticate.secret.file", secret.toString())
        .set("spark.driver.host", "driver.mien")
        .set("spark.driver.port", "7078");
    SecurityManager security =
        new SecurityManager(
            settings, Option.empty(), SecurityManager.$lessinit$greater$default$3());
    SparkPod pod =
        new KubernetesExecutorBuilder()
            .buildFromFeatures(
                KubernetesConf.createExecutorConf(settings, "1", "vox", Option.empty(), 0),
                security,
                client,
                ResourceProfile$.MODULE$.getOrCreateDefaultProfile(settings))
            .pod();
    Files.delete(secret);
    return pod;
  }

  /** A file as {@code spark-submit} reads it, its templates found from here. */
  private static SparkConf settings(String name) throws IOException {
    Properties file = PresetsTest.read(FOLDER.resolve(name + ".properties"));
    SparkConf settings = new SparkConf(false);
    file.stringPropertyNames().forEach(key -> settings.set(key, file.getProperty(key).strip()));
    for (String template :
        List.of(
            "spark.kubernetes.driver.podTemplateFile",
            "spark.kubernetes.executor.podTemplateFile")) {
      settings.set(template, Path.of("..", settings.get(template)).toString());
    }
    return settings
        .set("spark.master", "k8s://https://127.0.0.1:6443")
        .set("spark.app.name", "vox");
  }

  private static Map<String, String> environment(SparkPod pod) {
    return pod.container().getEnv().stream()
        .filter(variable -> variable.getValue() != null)
        .collect(Collectors.toMap(EnvVar::getName, EnvVar::getValue, (a, b) -> b, HashMap::new));
  }

  private static long memory(SparkPod pod) {
    return Quantity.getAmountInBytes(pod.container().getResources().getLimits().get("memory"))
        .longValueExact();
  }
}
