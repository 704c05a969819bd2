package sh.kaito.api.model;

/** Names of the {@code kaito.sh} API: group, kinds, keys inside ConfigMaps and Secrets. */
public final class KaitoApi {

  /** API group. */
  public static final String GROUP = "kaito.sh";

  /** Kind of a {@link Workspace}. */
  public static final String WORKSPACE_KIND = "Workspace";

  /** Kind of a {@link WorkspaceList}. */
  public static final String WORKSPACE_LIST_KIND = "WorkspaceList";

  /** Resource name in URLs. */
  public static final String WORKSPACE_PLURAL = "workspaces";

  /** Resource name in {@code kubectl get workspace}; also the category of the resource. */
  public static final String WORKSPACE_SINGULAR = "workspace";

  /** Name of the CustomResourceDefinition. */
  public static final String WORKSPACE_CRD = WORKSPACE_PLURAL + "." + GROUP;

  /** The field manager under which this library writes. */
  public static final String FIELD_MANAGER = "kaito-java";

  /**
   * What the API server writes into {@code resource.instanceType} of a v1alpha1 Workspace that
   * names none: one A100 with 80 GB. (Version 0.3.1 of the Go operator shipped {@code
   * Standard_NC12s_v3}.)
   */
  public static final String V1ALPHA1_DEFAULT_INSTANCE_TYPE = "Standard_NC24ads_A100_v4";

  /** What the API server writes into {@code resource.count} where it is missing. */
  public static final int DEFAULT_COUNT = 1;

  /** Key of the ConfigMap that {@code inference.config} names. */
  public static final String INFERENCE_CONFIG_KEY = "inference_config.yaml";

  /** Key of the ConfigMap that {@code tuning.config} names. */
  public static final String TRAINING_CONFIG_KEY = "training_config.yaml";

  /** Key of the Secret that {@code presetOptions.modelAccessSecret} names. */
  public static final String MODEL_ACCESS_SECRET_KEY = "HF_TOKEN";

  /** Key of the benchmark figure in {@code status.performance.metrics}. */
  public static final String METRIC_PEAK_TOKENS_PER_MINUTE = "peakTokensPerMinute";

  /** Suffix of the headless Service of a Workspace. */
  public static final String HEADLESS_SERVICE_SUFFIX = "-headless";

  private KaitoApi() {}
}
