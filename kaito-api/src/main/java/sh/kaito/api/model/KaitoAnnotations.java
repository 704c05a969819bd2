package sh.kaito.api.model;

/**
 * Annotation keys of the {@code kaito.sh} world. "0.3.1" and "0.12" name the releases of the Go
 * operator that know a key; keys below {@code java.kaito.sh/} are this library's own.
 */
public final class KaitoAnnotations {

  /**
   * {@value #ENABLE_LB_TRUE}, with a capital T, asks for a Service of type LoadBalancer; any other
   * value is ignored (0.3.1, 0.12).
   */
  public static final String ENABLE_LB = "kaito.sh/enablelb";

  /** The one value of {@link #ENABLE_LB} that counts. */
  public static final String ENABLE_LB_TRUE = "True";

  /**
   * SHA-256 in hex of resource, inference and tuning; written by the Go operator (0.3.1, 0.12). The
   * domain is {@code kaito.io}.
   */
  public static final String WORKSPACE_HASH = "workspace.kaito.io/hash";

  /** Number of the ControllerRevision in use; written by the Go operator (0.3.1, 0.12). */
  public static final String WORKSPACE_REVISION = "workspace.kaito.io/revision";

  /**
   * Serving runtime: {@code vllm}, {@code transformers} (0.12) or, in this library, {@code
   * legacy-image}.
   */
  public static final String RUNTIME = "kaito.sh/runtime";

  /** The presence of this key, whatever its value, lets a model in that is too large (0.12). */
  public static final String BYPASS_RESOURCE_CHECKS = "kaito.sh/bypass-resource-checks";

  /** {@code ubuntu} or {@code azurelinux}, without regard to case (0.12). */
  public static final String NODE_IMAGE_FAMILY = "kaito.sh/node-image-family";

  /** Name of a configured node class; Karpenter provisioning only (0.12, v1beta1). */
  public static final String NODE_CLASS_NAME = "kaito.sh/node-class-name";

  /** {@code true} leaves out the benchmark after loading (0.12). */
  public static final String DISABLE_BENCHMARK = "kaito.sh/disable-benchmark";

  /** {@code balanced} (default), {@code interactivity} or {@code throughput} (0.12, v1beta1). */
  public static final String PERFORMANCE_MODE = "kaito.sh/performance-mode";

  /** {@code true} or {@code false}: mount weights from the node's disk (0.12, v1beta1). */
  public static final String USE_LOCAL_WEIGHTS = "kaito.sh/use-local-weights";

  /** {@code disabled} opts out of model streaming (0.12, gated). */
  public static final String MODEL_STREAMING = "kaito.sh/model-streaming";

  /** StorageClass of the ModelMirror that is made for a Workspace (0.12, gated). */
  public static final String MODEL_MIRROR_STORAGE_CLASS = "kaito.sh/model-mirror-storage-class";

  /** ServiceAccount whose identity streams the model (0.12, gated). */
  public static final String STREAMING_SERVICE_ACCOUNT = "kaito.sh/streaming-service-account";

  /** {@code true}: a static mirror, described by the three keys that follow (0.12, gated). */
  public static final String STATIC_MODEL_MIRROR = "inference.kaito.sh/static-model-mirror";

  /** URL of the data references of a static mirror (0.12, gated). */
  public static final String STREAM_DATAREFS_URL = "inference.kaito.sh/stream-datarefs-url";

  /** Client id of the identity that reads a static mirror (0.12, gated). */
  public static final String STREAM_IDENTITY_CLIENT_ID =
      "inference.kaito.sh/stream-identity-client-id";

  /** {@code public} or {@code byo} (0.12, gated). */
  public static final String STREAM_SOURCE_TYPE = "inference.kaito.sh/stream-source-type";

  /** RFC 3339 time at which an upgrade began; written by the Go operator (0.12). */
  public static final String UPGRADE_START_TIME = "kaito.sh/upgrade-start-time";

  /**
   * On a Workspace: purchase epochs and spending counters as small versioned JSON; written by this
   * library before the purchase that it covers. Shares its name with {@link KaitoFinalizers#NODES}.
   */
  public static final String NODES = "java.kaito.sh/nodes";

  /** On a workload: hash of what the user asked for, ConfigMap contents included. */
  public static final String INPUT_HASH = "java.kaito.sh/input-hash";

  /**
   * On a workload: hash of the objects as this library last rendered them; {@code adopted} on those
   * that it did not make.
   */
  public static final String RENDERED_HASH = "java.kaito.sh/rendered-hash";

  /**
   * On a workload: the choices (runtime, image, size) that stay until the user changes the spec.
   */
  public static final String PINNED = "java.kaito.sh/pinned";

  /**
   * On a bring-your-own node: which place in whose set it fills, as small versioned JSON. Goes with
   * {@link KaitoLabels#ASSIGNED_UID}.
   */
  public static final String ASSIGNED = "java.kaito.sh/assigned";

  /**
   * On a claim that was taken over from the Go operator: name of the installation of this library
   * that did. Its name says nothing of it, as the name of a claim that was bought here does.
   */
  public static final String ADOPTED_BY = "java.kaito.sh/adopted-by";

  private KaitoAnnotations() {}
}
