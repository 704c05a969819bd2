package sh.kaito.api.model;

import java.util.List;

/**
 * Label keys of the {@code kaito.sh} world. "0.3.1" and "0.12" name the releases of the Go operator
 * that know a key; keys below {@code java.kaito.sh/} are this library's own.
 */
public final class KaitoLabels {

  /**
   * Name of the owning Workspace: on claims, nodes, pods and Jobs, and the whole pod selector of a
   * workload (0.3.1, 0.12).
   */
  public static final String WORKSPACE = "kaito.sh/workspace";

  /** Namespace of the owning Workspace: on claims and nodes, not on pods (0.3.1, 0.12). */
  public static final String WORKSPACE_NAMESPACE = "kaito.sh/workspacenamespace";

  /**
   * Name of the Workspace on a ControllerRevision; note the domain {@code kaito.io} (0.3.1, 0.12).
   */
  public static final String REVISION_WORKSPACE = "workspace.kaito.io/name";

  /** {@value #MACHINE_TYPE_GPU} on nodes of the gpu-provisioner (0.3.1). */
  public static final String MACHINE_TYPE = "kaito.sh/machine-type";

  /** The only value of {@link #MACHINE_TYPE}. */
  public static final String MACHINE_TYPE_GPU = "gpu";

  /** {@code default} on legacy Machines (0.3.1). */
  public static final String KARPENTER_PROVISIONER_NAME = "karpenter.sh/provisioner-name";

  /** {@value #KAITO_NODE_POOL} on NodeClaims that Kaito writes itself (0.3.1 gated, 0.12). */
  public static final String KARPENTER_NODE_POOL = "karpenter.sh/nodepool";

  /** A pool that does not exist, so that Karpenter leaves the claim alone (0.3.1 gated, 0.12). */
  public static final String KAITO_NODE_POOL = "kaito";

  /** {@value #ACCELERATOR_NVIDIA} on nodes that the Go operator has checked (0.3.1, 0.12). */
  public static final String ACCELERATOR = "accelerator";

  /** The only value of {@link #ACCELERATOR}. */
  public static final String ACCELERATOR_NVIDIA = "nvidia";

  /** Name of the InferenceSet that made a Workspace (0.12). */
  public static final String INFERENCE_SET_CREATED_BY = "inferenceset.kaito.sh/created-by";

  /** Name of the MultiRoleInference that made an InferenceSet (0.12). */
  public static final String MULTI_ROLE_CREATED_BY = "multiroleinference.kaito.sh/created-by";

  /** {@code prefill} or {@code decode} (0.12). */
  public static final String INFERENCE_ROLE = "kaito.sh/inference-role";

  /** On a Workspace: tag of the base image to move to; stays afterwards (0.12). */
  public static final String UPGRADE_TO_VERSION = "kaito.sh/upgrade-to-version";

  /** {@code kaito} on NodePools and node classes (0.12). */
  public static final String KARPENTER_MANAGED_BY = "karpenter.kaito.sh/managed-by";

  /** {@code true} on the default node class (0.12). */
  public static final String KARPENTER_DEFAULT = "karpenter.kaito.sh/default";

  /** Name of the owning Workspace on NodePools and their nodes (0.12). */
  public static final String KARPENTER_WORKSPACE_NAME = "karpenter.kaito.sh/workspace-name";

  /** Namespace of the owning Workspace on NodePools and their nodes (0.12). */
  public static final String KARPENTER_WORKSPACE_NAMESPACE =
      "karpenter.kaito.sh/workspace-namespace";

  /** Name of the InferenceSet on NodePools (0.12). */
  public static final String KARPENTER_INFERENCE_SET = "karpenter.kaito.sh/inferenceset";

  /** Namespace of the InferenceSet on NodePools (0.12). */
  public static final String KARPENTER_INFERENCE_SET_NAMESPACE =
      "karpenter.kaito.sh/inferenceset-namespace";

  /** Name of the owning RAGEngine (0.12). */
  public static final String RAG_ENGINE = "kaito.sh/ragengine";

  /** Namespace of the owning RAGEngine (0.12). */
  public static final String RAG_ENGINE_NAMESPACE = "kaito.sh/ragenginenamespace";

  /** Name of the ModelMirror on its download Job (0.12). */
  public static final String MODEL_MIRROR_NAME = "kaito.sh/model-mirror-name";

  /** UID of the owning Workspace: on claims, pools and nodes of this library. */
  public static final String OWNER_UID = "java.kaito.sh/owner-uid";

  /** Name of the node set within the Workspace: on claims, pools and nodes of this library. */
  public static final String NODE_SET = "java.kaito.sh/set";

  /** Slot within the node set: on claims, pools and nodes of this library. */
  public static final String SLOT = "java.kaito.sh/slot";

  /** Epoch of the purchase: on claims, pools and nodes of this library. */
  public static final String EPOCH = "java.kaito.sh/epoch";

  /**
   * UID of the Workspace that a bring-your-own node is assigned to. Not {@link #OWNER_UID}: that
   * one says that the machine was bought for its owner and ends with it.
   */
  public static final String ASSIGNED_UID = "java.kaito.sh/assigned-uid";

  /**
   * On a Workspace: which operator is to run it, {@value #OPERATOR_JAVA} or {@value #OPERATOR_GO}.
   * The first asks this library to take over a Workspace of the Go operator, the second to hand one
   * over to it; nodes, model and data stay in either case. A label and not an annotation, because
   * the Go operator writes all annotations back as it has read them (0.12).
   */
  public static final String OPERATOR = "java.kaito.sh/operator";

  /** Value of {@link #OPERATOR}: this library runs it. */
  public static final String OPERATOR_JAVA = "java";

  /** Value of {@link #OPERATOR}: the Go operator runs it, and this library leaves it alone. */
  public static final String OPERATOR_GO = "go";

  /**
   * Keys that {@code resource.labelSelector} must not select by: the controller stamps them on
   * nodes itself (0.12 drops them from the selector).
   */
  public static final List<String> RESERVED_IN_SELECTORS =
      List.of(
          WORKSPACE,
          WORKSPACE_NAMESPACE,
          RAG_ENGINE,
          RAG_ENGINE_NAMESPACE,
          KARPENTER_WORKSPACE_NAME,
          KARPENTER_WORKSPACE_NAMESPACE,
          KARPENTER_INFERENCE_SET,
          KARPENTER_INFERENCE_SET_NAMESPACE);

  private KaitoLabels() {}
}
