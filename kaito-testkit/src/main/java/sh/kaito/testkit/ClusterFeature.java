package sh.kaito.testkit;

/** What a {@link KubeCluster} can do when it is embedded, and a real one cannot. */
public enum ClusterFeature {
  /** Half an hour passes in milliseconds. */
  VIRTUAL_TIME("virtual time"),
  /** Requests and watches fail on purpose. */
  FAULTS("faults on purpose"),
  /**
   * A simulated model answers behind the API server's service proxy. A real API server reaches no
   * process of the test: it proxies to no loopback address.
   */
  MODEL_PROXY("a simulated model behind the service proxy"),
  /** The API server itself is at hand: its users, its history, its port. */
  EMBEDDED_SERVER("the embedded API server");

  private final String words;

  ClusterFeature(String words) {
    this.words = words;
  }

  /** In words, for messages. */
  @Override
  public String toString() {
    return words;
  }
}
