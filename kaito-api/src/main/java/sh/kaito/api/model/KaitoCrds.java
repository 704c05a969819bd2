package sh.kaito.api.model;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The CustomResourceDefinitions of this library. They have the fields of the Go operator's, so that
 * either operator works on either definition; what they add are rules in CEL (one of {@code
 * inference} and {@code tuning}, what is fixed at creation), which need Kubernetes 1.29 or newer,
 * conditions as a list with key {@code type}, and the columns of {@code kubectl get workspace}.
 */
public final class KaitoCrds {

  private KaitoCrds() {}

  /** {@code workspaces.kaito.sh}: v1alpha1 (served) and v1beta1 (served, stored). */
  public static KaitoCrd workspaces() {
    return load(KaitoApi.WORKSPACE_CRD);
  }

  /** All of them, in the order in which to install them. */
  public static List<KaitoCrd> all() {
    return List.of(workspaces());
  }

  private static KaitoCrd load(String name) {
    String resource = "/sh/kaito/api/crds/" + name + ".yaml";
    try (InputStream in = KaitoCrds.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("The jar of kaito-api lacks " + resource);
      }
      return new KaitoCrd(name, new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + resource + " from the jar of kaito-api", e);
    }
  }
}
