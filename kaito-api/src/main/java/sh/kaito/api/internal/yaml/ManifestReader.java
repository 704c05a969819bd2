package sh.kaito.api.internal.yaml;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.internal.schema.Shape.Entries;
import sh.kaito.api.internal.schema.Shape.Free;
import sh.kaito.api.internal.schema.WorkspaceSchema;
import sh.kaito.api.internal.text.Nearest;
import sh.kaito.api.internal.text.Quoted;
import sh.kaito.api.internal.yaml.SourceNode.Mapping;
import sh.kaito.api.internal.yaml.SourceNode.Scalar;
import sh.kaito.api.internal.yaml.SourceNode.Sequence;
import sh.kaito.api.model.ApiVersion;
import sh.kaito.api.model.KaitoApi;
import sh.kaito.api.validation.SourceDocument;
import sh.kaito.api.validation.SourceLocation;
import sh.kaito.api.validation.Violation;

/** Reads the documents of a file: Workspaces strictly, other kinds as they are. */
public final class ManifestReader {

  private static final List<String> VERSIONS =
      List.of(ApiVersion.V1BETA1.groupVersion(), ApiVersion.V1ALPHA1.groupVersion());

  /** Kinds of the group that this library leaves to the Go operator. */
  private static final Set<String> OTHER_KAITO_KINDS =
      Set.of("InferenceSet", "RAGEngine", "ModelMirror", "MultiRoleInference");

  /**
   * One document.
   *
   * @param workspace whether it is a Workspace, whose tree has been compared with the schema
   * @param tree the plain tree; keys of maps are strings
   * @param source where its values stand
   * @param location where it begins
   */
  public record Document(
      boolean workspace,
      Map<String, @Nullable Object> tree,
      SourceDocument source,
      SourceLocation location) {}

  /**
   * What was read.
   *
   * @param documents the documents that could be read, in order
   * @param violations what is wrong; then the documents are of no use
   */
  public record Result(List<Document> documents, List<Violation> violations) {}

  private final String source;
  private final Problems problems;
  private final List<Document> documents = new ArrayList<>();

  private ManifestReader(String source) {
    this.source = source;
    this.problems = new Problems(source);
  }

  /** Reads a text. */
  public static Result read(String name, String text) {
    ManifestReader reader = new ManifestReader(name);
    try {
      reader.read(SourceText.of(name, text));
    } catch (UnreadableSourceException e) {
      reader.problems.add(e.violation());
    }
    return reader.result();
  }

  /**
   * Reads a stream to its end, or to the limit; does not close it.
   *
   * @throws IOException if the stream cannot be read
   */
  public static Result read(String name, InputStream in) throws IOException {
    ManifestReader reader = new ManifestReader(name);
    try {
      reader.read(SourceText.of(name, in));
    } catch (UnreadableSourceException e) {
      reader.problems.add(e.violation());
    }
    return reader.result();
  }

  private Result result() {
    return new Result(List.copyOf(documents), problems.toList());
  }

  private void read(SourceText text) {
    List<SourceNode> nodes = new ArrayList<>();
    @Nullable Violation broken = null;
    try {
      SourceComposer.compose(text, nodes);
    } catch (UnreadableSourceException e) {
      broken = e.violation(); // said last: what stands before it in the text comes first
    }
    for (SourceNode node : nodes) {
      try {
        document(node);
      } catch (UnreadableSourceException e) {
        problems.add(e.violation());
      }
    }
    if (broken != null) {
      problems.add(broken);
    }
  }

  private void document(SourceNode node) throws UnreadableSourceException {
    if (node instanceof Scalar scalar && KubectlScalars.resolve(scalar) == null) {
      return; // nothing between two separators: kubectl skips it too
    }
    if (!(node instanceof Mapping mapping)) {
      problems.add(
          node,
          Violation.error(
                  "",
                  "a document is a mapping; found "
                      + (node instanceof Sequence ? "a list" : "a single value"))
              .action("begin with apiVersion: and kind:"));
      return;
    }
    String apiVersion = text(mapping, "apiVersion");
    String kind = text(mapping, "kind");
    boolean list =
        (kind.equals("List") && apiVersion.equals("v1"))
            || (kind.equals(KaitoApi.WORKSPACE_LIST_KIND) && isOurs(apiVersion));
    if (list && mapping.get("items") instanceof Sequence items) {
      for (SourceNode item : items.elements()) {
        document(item);
      }
    } else if (isWorkspace(mapping, apiVersion, kind)) {
      workspace(mapping, apiVersion, kind);
    } else {
      other(mapping, apiVersion, kind);
    }
  }

  private static String text(Mapping mapping, String key) {
    return mapping.get(key) instanceof Scalar scalar ? scalar.text() : "";
  }

  private static boolean isOurs(String apiVersion) {
    int slash = apiVersion.indexOf('/');
    String group = slash < 0 ? apiVersion : apiVersion.substring(0, slash);
    return group.equals(KaitoApi.GROUP) || Nearest.of(group, List.of(KaitoApi.GROUP)).isPresent();
  }

  private static boolean isWorkspace(Mapping mapping, String apiVersion, String kind) {
    if (kind.equals(KaitoApi.WORKSPACE_KIND)) {
      // Other products have a kind of this name too.
      return apiVersion.indexOf('/') < 0 || isOurs(apiVersion);
    }
    if (isOurs(apiVersion)) {
      return !OTHER_KAITO_KINDS.contains(kind);
    }
    return (apiVersion.isEmpty() || kind.isEmpty())
        && (mapping.get("inference") != null
            || mapping.get("tuning") != null
            || mapping.get("resource") != null);
  }

  private void workspace(Mapping mapping, String apiVersion, String kind)
      throws UnreadableSourceException {
    Optional<ApiVersion> version = ApiVersion.of(apiVersion);
    if (version.isEmpty()) {
      header(mapping, "apiVersion", apiVersion, VERSIONS);
    }
    if (!kind.equals(KaitoApi.WORKSPACE_KIND)) {
      header(mapping, "kind", kind, List.of(KaitoApi.WORKSPACE_KIND));
    }
    // v1beta1 has all fields: an unclear version must not bring further complaints.
    StrictReader reader = new StrictReader(source, problems, version.orElse(ApiVersion.V1BETA1));
    Object tree = reader.read(mapping, WorkspaceSchema.shape(), "", mapping);
    add(true, mapping, tree);
  }

  private void header(Mapping mapping, String field, String found, List<String> allowed) {
    SourceNode value = mapping.get(field);
    if (value == null || found.isEmpty()) {
      problems.add(
          value == null ? mapping : value,
          Violation.error(field, "required field is missing")
              .allowed(allowed)
              .action("write " + field + ": " + allowed.get(0)));
      return;
    }
    Violation.Builder violation =
        Violation.error(field, "unknown value " + Quoted.of(found))
            .found(Quoted.shorten(found))
            .allowed(allowed);
    Nearest.of(found, allowed).ifPresent(violation::nearest);
    problems.add(value, violation);
  }

  private void other(Mapping mapping, String apiVersion, String kind)
      throws UnreadableSourceException {
    if (kind.isEmpty()) {
      header(mapping, "kind", kind, List.of(KaitoApi.WORKSPACE_KIND));
    }
    if (apiVersion.isEmpty()) {
      header(mapping, "apiVersion", apiVersion, VERSIONS);
    }
    StrictReader reader = new StrictReader(source, problems, ApiVersion.V1BETA1);
    add(false, mapping, reader.read(mapping, new Entries(Free.INSTANCE), "", mapping));
  }

  private void add(boolean workspace, Mapping mapping, @Nullable Object tree) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    if (tree instanceof Map<?, ?> map) {
      map.forEach((key, value) -> fields.put(String.valueOf(key), value));
    }
    documents.add(
        new Document(
            workspace,
            fields,
            new YamlSourceDocument(source, mapping),
            new SourceLocation(source, mapping.line(), mapping.column())));
  }
}
