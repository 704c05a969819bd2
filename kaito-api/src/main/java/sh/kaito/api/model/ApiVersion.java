package sh.kaito.api.model;

import java.util.Optional;

/**
 * The versions of the {@code kaito.sh} API in which a {@link Workspace} can be written. Both are
 * served from one stored object without conversion: the API server only rewrites {@code
 * apiVersion}, so a write through {@link #V1ALPHA1} loses what only {@link #V1BETA1} knows.
 */
public enum ApiVersion {
  /**
   * {@code kaito.sh/v1alpha1}. The API server fills in {@code resource.instanceType} where it is
   * missing.
   */
  V1ALPHA1("v1alpha1"),
  /**
   * {@code kaito.sh/v1beta1}, the stored version. Adds {@code resource.partition}, {@code
   * presetOptions.modelAccessSecret}, {@code status.state}, {@code status.targetNodeCount} and
   * {@code status.performance}; has no default instance type.
   */
  V1BETA1("v1beta1");

  private final String version;

  ApiVersion(String version) {
    this.version = version;
  }

  /** The version alone, as it stands in a URL: {@code v1beta1}. */
  public String version() {
    return version;
  }

  /** Group and version, as they stand in {@code apiVersion}: {@code kaito.sh/v1beta1}. */
  public String groupVersion() {
    return KaitoApi.GROUP + "/" + version;
  }

  /** The version that an {@code apiVersion} text names; empty for any other text. */
  public static Optional<ApiVersion> of(String groupVersion) {
    for (ApiVersion candidate : values()) {
      if (candidate.groupVersion().equals(groupVersion)) {
        return Optional.of(candidate);
      }
    }
    return Optional.empty();
  }

  /** {@link #groupVersion()}. */
  @Override
  public String toString() {
    return groupVersion();
  }
}
