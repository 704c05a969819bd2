package sh.kaito.api.model;

/**
 * Reasons of conditions, exactly as the Go operator spells them: some begin with a small letter.
 * The version in each comment is the release that writes the reason. Controllers may add reasons.
 */
public final class ConditionReasons {

  // NodesReady, NodeClaimReady, MachineReady

  /** NodesReady=True (0.12). */
  public static final String NODES_READY = "NodesReady";

  /** NodesReady=False: fewer ready nodes than wanted (0.12). */
  public static final String NODE_NOT_READY = "NodeNotReady";

  /** NodesReady=False: enough nodes, but their GPUs are not allocatable yet (0.12). */
  public static final String NODE_PLUGINS_NOT_READY = "NodePluginsNotReady";

  /** NodeClaimReady=True (0.12). */
  public static final String NODE_CLAIMS_READY = "NodeClaimsReady";

  /** NodeClaimReady=False (0.12). */
  public static final String NODE_CLAIM_NOT_READY = "NodeClaimNotReady";

  /** NodeClaimReady=Unknown before missing claims are made (0.3.1). */
  public static final String CREATE_NODE_CLAIM_PENDING = "CreateNodeClaimPending";

  /** NodeClaimReady=False (0.3.1). */
  public static final String NODE_CLAIM_FAILED_CREATION = "nodeClaimFailedCreation";

  /** NodeClaimReady=False: not ready within 240 s (0.3.1). */
  public static final String CHECK_NODE_CLAIM_STATUS_FAILED = "checkNodeClaimStatusFailed";

  /** MachineReady=Unknown before missing Machines are made (0.3.1). */
  public static final String CREATE_MACHINE_PENDING = "CreateMachinePending";

  /** MachineReady=False (0.3.1). */
  public static final String MACHINE_FAILED_CREATION = "machineFailedCreation";

  /** MachineReady=False: not ready within 240 s (0.3.1). */
  public static final String CHECK_MACHINE_STATUS_FAILED = "checkMachineStatusFailed";

  /** MachineReady=True and NodeClaimReady=True (0.3.1). */
  public static final String INSTALL_NODE_PLUGINS_SUCCESS = "installNodePluginsSuccess";

  // ResourceReady

  /** ResourceReady=True (0.3.1, 0.12). */
  public static final String RESOURCE_STATUS_SUCCESS = "workspaceResourceStatusSuccess";

  /** ResourceReady=False (0.3.1). */
  public static final String RESOURCE_STATUS_FAILED = "workspaceResourceStatusFailed";

  /** ResourceReady=False with bring-your-own nodes (0.12). */
  public static final String RESOURCE_STATUS_NOT_READY = "workspaceResourceStatusNotReady";

  /** ResourceReady=False: the weights to stream are not in place (0.12, gated). */
  public static final String MODEL_MIRROR_NOT_READY = "ModelMirrorNotReady";

  // InferenceReady

  /** InferenceReady=True (0.3.1, 0.12). */
  public static final String INFERENCE_STATUS_SUCCESS = "WorkspaceInferenceStatusSuccess";

  /** InferenceReady=False: not ready, nothing worse known (0.12). */
  public static final String INFERENCE_STATUS_PENDING = "WorkspaceInferenceStatusPending";

  /** InferenceReady=False (0.3.1). */
  public static final String INFERENCE_STATUS_FAILED = "WorkspaceInferenceStatusFailed";

  /** InferenceReady=False: the access signature for streaming was refused (0.12, gated). */
  public static final String SAS_TOKEN_FETCH_FAILED = "SASTokenFetchFailed";

  /** InferenceReady=False: a container was killed for its memory (0.12). */
  public static final String CONTAINER_OOM_KILLED = "ContainerOOMKilled";

  /** InferenceReady=False: an image cannot be pulled (0.12). */
  public static final String IMAGE_PULL_ERROR = "ImagePullError";

  /** InferenceReady=False: a container cannot be created or started (0.12). */
  public static final String CONTAINER_START_ERROR = "ContainerStartError";

  /** InferenceReady=False (0.12). */
  public static final String CONTAINER_CRASH_LOOP_BACK_OFF = "ContainerCrashLoopBackOff";

  /** InferenceReady or JobStarted is False: a program of a pod that is over has failed (ours). */
  public static final String CONTAINER_FAILED = "ContainerFailed";

  /** InferenceReady=False (0.12). */
  public static final String NODE_DISK_PRESSURE = "NodeDiskPressure";

  /** InferenceReady=False (0.12). */
  public static final String NODE_MEMORY_PRESSURE = "NodeMemoryPressure";

  /** InferenceReady=False (0.12). */
  public static final String POD_EVICTED = "PodEvicted";

  /** InferenceReady=False (0.12). */
  public static final String UNSCHEDULABLE = "Unschedulable";

  /** InferenceReady=False (0.12, gated). */
  public static final String MODEL_STREAMING_STORAGE_CLASS_NOT_FOUND =
      "ModelStreamingStorageClassNotFound";

  /** InferenceReady=False (0.12, gated). */
  public static final String MODEL_STREAMING_INVALID_STORAGE_CLASS =
      "ModelStreamingInvalidStorageClass";

  /** InferenceReady=False (0.12, gated). */
  public static final String MODEL_STREAMING_SERVICE_ACCOUNT_INVALID =
      "ModelStreamingServiceAccountInvalid";

  /** InferenceReady=False (0.12, gated). */
  public static final String MODEL_STREAMING_INVALID_ANNOTATIONS =
      "ModelStreamingInvalidAnnotations";

  /** InferenceReady=False (0.12, gated). */
  public static final String MODEL_MIRROR_CREATE_FAILED = "ModelMirrorCreateFailed";

  // JobStarted

  /** JobStarted=True (0.3.1, 0.12). */
  public static final String TUNING_JOB_STARTED = "WorkspaceTuningJobStatusStarted";

  /** JobStarted=False (0.12). */
  public static final String TUNING_JOB_PENDING = "WorkspaceTuningJobStatusPending";

  /** JobStarted=False (0.3.1, 0.12). */
  public static final String TUNING_JOB_FAILED = "WorkspaceTuningJobStatusFailed";

  // BenchmarkCompleted, ModelMirrorReady

  /** BenchmarkCompleted=True (0.12). */
  public static final String BENCHMARK_COMPLETED = "BenchmarkCompleted";

  /** BenchmarkCompleted=False and WorkspaceSucceeded=False (0.12). */
  public static final String BENCHMARK_FAILED = "BenchmarkFailed";

  /** ModelMirrorReady=True (0.12, gated). */
  public static final String MODEL_MIRROR_READY = "ModelMirrorReady";

  /** ModelMirrorReady=False (0.12, gated). */
  public static final String MODEL_MIRROR_PENDING = "ModelMirrorPending";

  // WorkspaceSucceeded, WorkspaceDeleting

  /** WorkspaceSucceeded=True (0.3.1, 0.12). */
  public static final String WORKSPACE_SUCCEEDED = "workspaceSucceeded";

  /** WorkspaceSucceeded=False: not there yet (0.3.1 for tuning only, 0.12). */
  public static final String WORKSPACE_PENDING = "workspacePending";

  /** WorkspaceSucceeded=False (0.3.1, 0.12 for tuning). */
  public static final String WORKSPACE_FAILED = "workspaceFailed";

  /** WorkspaceDeleting=True; the reason says "deleted" while the object is being deleted (both). */
  public static final String WORKSPACE_DELETED = "workspaceDeleted";

  // This library's own

  /** Stalled=True: no node shows its GPUs because the device plugin is missing (this library). */
  public static final String DEVICE_PLUGIN_MISSING = "DevicePluginMissing";

  private ConditionReasons() {}
}
