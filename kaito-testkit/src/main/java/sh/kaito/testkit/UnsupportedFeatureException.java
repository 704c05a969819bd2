package sh.kaito.testkit;

/**
 * Thrown by a {@link KubeCluster} that is a real one and was asked for what only an embedded one
 * can do. Under {@link sh.kaito.testkit.junit.KaitoCluster} it skips the test.
 */
public final class UnsupportedFeatureException extends UnsupportedOperationException {
  private static final long serialVersionUID = 1L;
  private final ClusterFeature feature;

  UnsupportedFeatureException(ClusterFeature feature, String cluster) {
    super("needs " + feature + ", which " + cluster + " has not");
    this.feature = feature;
  }

  /** What was asked for. */
  public ClusterFeature feature() {
    return feature;
  }
}
