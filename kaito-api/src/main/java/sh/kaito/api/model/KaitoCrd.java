package sh.kaito.api.model;

import java.util.Objects;

/**
 * A CustomResourceDefinition as text, ready for {@code kubectl apply -f} or for a server-side apply
 * with content type {@code application/apply-patch+yaml}.
 *
 * @param name its name, such as {@code workspaces.kaito.sh}
 * @param yaml one YAML document
 */
public record KaitoCrd(String name, String yaml) {
  public KaitoCrd {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(yaml, "yaml");
  }

  /** The path of this object on an API server. */
  public String path() {
    return "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/" + name;
  }

  /** The name alone. */
  @Override
  public String toString() {
    return name;
  }
}
