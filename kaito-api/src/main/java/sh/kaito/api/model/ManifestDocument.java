package sh.kaito.api.model;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.internal.yaml.YamlWriter;
import sh.kaito.api.validation.SourceLocation;

/**
 * A document of another kind than Workspace in a file of manifests, such as the ConfigMap that a
 * Workspace refers to. Its content was read, but not checked. Immutable.
 */
public final class ManifestDocument {
  private final Map<String, @Nullable Object> tree;
  private final SourceLocation location;

  ManifestDocument(Map<String, @Nullable Object> tree, SourceLocation location) {
    this.tree = new LinkedHashMap<>(tree);
    this.location = location;
  }

  /** {@code apiVersion}, such as {@code v1}. */
  public String apiVersion() {
    return String.valueOf(tree.get("apiVersion"));
  }

  /** {@code kind}, such as {@code ConfigMap}. */
  public String kind() {
    return String.valueOf(tree.get("kind"));
  }

  /** {@code metadata.namespace}. */
  public Optional<String> namespace() {
    return metadata("namespace");
  }

  /** {@code metadata.name}. */
  public Optional<String> name() {
    return metadata("name");
  }

  /** Where the document begins. */
  public SourceLocation location() {
    return location;
  }

  /** The whole document as JSON. */
  public String toJson() {
    return Workspaces.json(tree);
  }

  /** The whole document as YAML, without leading {@code ---}. */
  public String toYaml() {
    return YamlWriter.write(tree);
  }

  private Optional<String> metadata(String field) {
    return tree.get("metadata") instanceof Map<?, ?> metadata
            && metadata.get(field) instanceof String text
        ? Optional.of(text)
        : Optional.empty();
  }

  /** Kind, name and place: the content may hold secrets. */
  @Override
  public String toString() {
    return kind() + " " + name().orElse("without name") + " (" + location + ")";
  }
}
