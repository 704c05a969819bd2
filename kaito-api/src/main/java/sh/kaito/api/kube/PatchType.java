package sh.kaito.api.kube;

/** The kinds of PATCH that a kube-apiserver knows, by content type. */
public enum PatchType {
  /** RFC 6902. */
  JSON("application/json-patch+json"),
  /** RFC 7386. */
  MERGE("application/merge-patch+json"),
  /** Kubernetes strategic merge; built-in types only. */
  STRATEGIC_MERGE("application/strategic-merge-patch+json"),
  /** Server-side apply. The content type says YAML; JSON is YAML, and JSON is what we send. */
  APPLY("application/apply-patch+yaml");

  private final String contentType;

  PatchType(String contentType) {
    this.contentType = contentType;
  }

  /** Value of the {@code Content-Type} header. */
  public String contentType() {
    return contentType;
  }
}
