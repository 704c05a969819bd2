package sh.kaito.api.internal.schema;

import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import sh.kaito.api.internal.schema.Shape.Entries;
import sh.kaito.api.internal.schema.Shape.Fields;
import sh.kaito.api.internal.schema.Shape.Items;
import sh.kaito.api.internal.schema.Shape.Member;
import sh.kaito.api.internal.schema.Shape.Scalar;
import sh.kaito.api.model.ApiVersion;

/** Makes the reference page of the Workspace fields from {@link WorkspaceSchema}. */
public final class ReferencePage {

  private static final String HEAD =
      """
      # Workspace: all fields

      API group `kaito.sh`, versions `v1alpha1` and `v1beta1`. A Workspace has no `spec`: `resource`,
      `inference` and `tuning` stand beside `metadata`. One Java type, `sh.kaito.api.model.Workspace`,
      holds both versions.

      "Required" means inside its parent. "Default" is what the API server fills in. "May change" says
      whether an update may touch the field; what may not is refused by the API server and by
      `WorkspaceRules.validateUpdate`.

      | Field | Type | Required | Default | Versions | May change | Meaning |
      |---|---|---|---|---|---|---|
      """;

  private static final String TAIL =
      """

      This page is made from `WorkspaceSchema.java`: `./mvnw -pl kaito-api test -Dtest=GeneratedFilesTest -Dkaito.regenerate=true`.
      """;

  private final StringBuilder page = new StringBuilder(HEAD);

  private ReferencePage() {}

  /** The page as Markdown. */
  public static String markdown() {
    ReferencePage reference = new ReferencePage();
    reference.fields("", WorkspaceSchema.shape(), EnumSet.allOf(ApiVersion.class));
    return reference.page.append(TAIL).toString();
  }

  private void fields(String parent, Fields fields, Set<ApiVersion> parentVersions) {
    for (Member member : fields.members().values()) {
      if (member instanceof FieldSpec field) {
        String path = parent.isEmpty() ? field.name() : parent + "." + field.name();
        Set<ApiVersion> versions = EnumSet.copyOf(field.versions());
        versions.retainAll(parentVersions);
        row(path, field, versions);
        below(path, field.shape(), versions);
      }
    }
  }

  private void below(String path, Shape shape, Set<ApiVersion> versions) {
    if (shape instanceof Fields fields) {
      fields(path, fields, versions);
    } else if (shape instanceof Items items) {
      below(path + "[]", items.element(), versions);
    } else if (shape instanceof Entries entries) {
      below(path + "[name]", entries.value(), versions);
    }
  }

  private void row(String path, FieldSpec field, Set<ApiVersion> versions) {
    page.append("| `")
        .append(path)
        .append("` | ")
        .append(type(field.shape()))
        .append(" | ")
        .append(field.required() ? "yes" : "")
        .append(" | ")
        .append(defaults(field))
        .append(" | ")
        .append(versions(field, versions))
        .append(" | ")
        .append(change(field))
        .append(" | ")
        .append(field.description())
        .append(" |\n");
  }

  private static String type(Shape shape) {
    if (shape instanceof Scalar scalar) {
      return scalar.allowed().isEmpty()
          ? switch (scalar.kind()) {
            case STRING -> "string";
            case INTEGER -> "integer";
            case DATE_TIME -> "time";
            default -> throw new IllegalStateException("No name for " + scalar.kind());
          }
          : scalar.allowed().stream().map(v -> "`" + v + "`").collect(Collectors.joining(" or "));
    }
    if (shape instanceof Items items) {
      return "list of " + type(items.element());
    }
    if (shape instanceof Entries entries) {
      return "map to " + type(entries.value());
    }
    return shape instanceof Fields fields
        ? fields.name().replaceFirst("^V1", "Kubernetes ")
        : "any";
  }

  private static String defaults(FieldSpec field) {
    Map<ApiVersion, Object> defaults = new TreeMap<>(field.defaults());
    if (defaults.size() == ApiVersion.values().length
        && defaults.values().stream().distinct().count() == 1) {
      return "`" + defaults.values().iterator().next() + "`";
    }
    return defaults.entrySet().stream()
        .map(entry -> "`" + entry.getValue() + "` in " + entry.getKey().version())
        .collect(Collectors.joining(", "));
  }

  /** Of a block, the fields below it say which of them may change. */
  private static String change(FieldSpec field) {
    boolean block = field.shape() instanceof Fields && !field.isOpaque();
    return block && field.change() == FieldSpec.Change.LIVE ? "" : field.change().description();
  }

  private static String versions(FieldSpec field, Set<ApiVersion> in) {
    String versions =
        in.size() == ApiVersion.values().length ? "both" : in.iterator().next().version();
    return field.deprecated().isEmpty()
        ? versions
        : versions + "; deprecated in " + field.deprecated().iterator().next().version();
  }
}
