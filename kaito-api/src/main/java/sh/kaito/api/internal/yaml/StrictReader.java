package sh.kaito.api.internal.yaml;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.internal.schema.Shape;
import sh.kaito.api.internal.schema.Shape.Entries;
import sh.kaito.api.internal.schema.Shape.Fields;
import sh.kaito.api.internal.schema.Shape.Free;
import sh.kaito.api.internal.schema.Shape.Items;
import sh.kaito.api.internal.schema.Shape.Member;
import sh.kaito.api.internal.schema.WorkspaceSchema;
import sh.kaito.api.internal.text.FieldPath;
import sh.kaito.api.internal.text.Nearest;
import sh.kaito.api.internal.text.Quoted;
import sh.kaito.api.internal.yaml.SourceNode.Entry;
import sh.kaito.api.internal.yaml.SourceNode.Mapping;
import sh.kaito.api.internal.yaml.SourceNode.Scalar;
import sh.kaito.api.internal.yaml.SourceNode.Sequence;
import sh.kaito.api.model.ApiVersion;
import sh.kaito.api.validation.SourceLocation;
import sh.kaito.api.validation.Violation;

/**
 * Compares one document with a shape: reports everything that does not fit, and builds the plain
 * tree of what does.
 */
final class StrictReader {
  private final String source;
  private final Problems problems;
  private final ApiVersion version;
  private final ScalarReader scalars;

  StrictReader(String source, Problems problems, ApiVersion version) {
    this.source = source;
    this.problems = problems;
    this.version = version;
    this.scalars = new ScalarReader(problems);
  }

  /**
   * Reads one value.
   *
   * @param key the key that the value belongs to, or the value itself where it has none
   * @return the value; null where it is absent or does not fit
   */
  @Nullable Object read(SourceNode node, Shape shape, String path, SourceNode key)
      throws UnreadableSourceException {
    // Aliases are shared nodes: a few lines can stand for billions of values.
    if (!problems.visit()) {
      throw new UnreadableSourceException(
          Violation.error(
                  path, "aliases make more than " + SourceLimits.MAX_NODES + " values of this text")
              .action("write the values out")
              .location(new SourceLocation(source, node.line(), node.column()))
              .build());
    }
    if (node.tag() != null) {
      problems.add(
          node,
          Violation.error(path, "unknown tag " + Quoted.of(node.tag()))
              .found(Quoted.shorten(node.tag()))
              .action("remove the tag; Kubernetes knows no YAML tags"));
      return null;
    }
    if (node instanceof Scalar scalar && KubectlScalars.resolve(scalar) == null) {
      return null;
    }
    if (shape instanceof Fields fields) {
      return fields(node, fields, path, key);
    }
    if (shape instanceof Entries entries) {
      return entries(node, entries.value(), path, key);
    }
    if (shape instanceof Items items) {
      return items(node, items.element(), path, key);
    }
    if (shape instanceof Shape.Scalar expected) {
      return scalars.read(node, expected, path, key);
    }
    return free(node, path);
  }

  private @Nullable Object fields(SourceNode node, Fields fields, String path, SourceNode key)
      throws UnreadableSourceException {
    if (!(node instanceof Mapping mapping)) {
      scalars.wrongType(
          node,
          key,
          path,
          "a mapping with the fields " + String.join(", ", shorten(fields)),
          node instanceof Scalar scalar && fields.member("name") != null && !path.isEmpty()
              ? "write name: " + Quoted.shorten(scalar.text()) + " below it"
              : "");
      return null;
    }
    Map<String, Object> tree = new LinkedHashMap<>();
    Map<String, SourceNode> seen = new HashMap<>();
    for (Entry entry : mapping.entries()) {
      String name = name(entry, path, false);
      if (name == null || isDuplicate(entry, name, FieldPath.child(path, name), seen)) {
        continue;
      }
      Member member = fields.member(name);
      String childPath = FieldPath.child(path, name);
      if (member == null) {
        unknown(entry, fields, name, path);
      } else if (!member.versions().contains(version)) {
        otherVersion(entry, member, childPath);
      } else {
        Object value = read(entry.value(), member.shape(), childPath, entry.key());
        if (value != null) {
          tree.put(name, value);
        }
      }
    }
    for (Member member : fields.members().values()) {
      if (member.required() && member.versions().contains(version)) {
        requirePresence(mapping, member, path, key);
      }
    }
    return tree;
  }

  private void requirePresence(Mapping mapping, Member member, String path, SourceNode key) {
    Entry entry = mapping.entry(member.name());
    if (entry == null) {
      problems.add(
          key,
          Violation.error(FieldPath.child(path, member.name()), "required field is missing")
              .rule("V-08")
              .action("add " + member.name() + (path.isEmpty() ? "" : " to " + path)));
    } else if (entry.value() instanceof Scalar scalar && KubectlScalars.resolve(scalar) == null) {
      problems.add(
          entry.key(),
          Violation.error(FieldPath.child(path, member.name()), "required field has no value")
              .rule("V-08")
              .action("give it a value"));
    }
  }

  private @Nullable Object entries(SourceNode node, Shape value, String path, SourceNode key)
      throws UnreadableSourceException {
    if (!(node instanceof Mapping mapping)) {
      scalars.wrongType(node, key, path, "a mapping of key: value", "");
      return null;
    }
    boolean free = value instanceof Free;
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    Map<String, SourceNode> seen = new HashMap<>();
    for (Entry entry : mapping.entries()) {
      String name = name(entry, path, true);
      String childPath =
          free ? FieldPath.child(path, entry.name()) : FieldPath.key(path, entry.name());
      if (name == null || isDuplicate(entry, name, childPath, seen)) {
        continue;
      }
      if (!free && entry.value() instanceof Scalar scalar && isNull(scalar)) {
        problems.add(
            entry.key(),
            Violation.error(childPath, "has no value")
                .action("give it a value; write \"\" for an empty one"));
        continue;
      }
      Object child = read(entry.value(), value, childPath, entry.key());
      if (child != null || free) {
        tree.put(name, child);
      }
    }
    return tree;
  }

  private static boolean isNull(Scalar scalar) {
    return scalar.tag() == null && KubectlScalars.resolve(scalar) == null;
  }

  private @Nullable Object items(SourceNode node, Shape element, String path, SourceNode key)
      throws UnreadableSourceException {
    if (!(node instanceof Sequence sequence)) {
      scalars.wrongType(node, key, path, "a list", "begin each element with \"- \"");
      return null;
    }
    List<Object> tree = new ArrayList<>();
    int index = 0;
    for (SourceNode child : sequence.elements()) {
      String childPath = FieldPath.index(path, index++);
      if (child instanceof Scalar scalar && isNull(scalar)) {
        problems.add(
            child,
            Violation.error(childPath, "list element has no value")
                .action("give it a value, or remove the \"-\""));
        continue;
      }
      Object value = read(child, element, childPath, child);
      if (value != null) {
        tree.add(value);
      }
    }
    return tree;
  }

  private @Nullable Object free(SourceNode node, String path) throws UnreadableSourceException {
    if (node instanceof Scalar scalar) {
      return KubectlScalars.resolve(scalar);
    }
    if (node instanceof Mapping) {
      return entries(node, Free.INSTANCE, path, node);
    }
    return items(node, Free.INSTANCE, path, node);
  }

  /** The key as kubectl spells it; null after a complaint where it is none. */
  private @Nullable String name(Entry entry, String path, boolean userChosen) {
    if (!(entry.key() instanceof Scalar key)) {
      problems.add(
          entry.key(),
          Violation.error(path, "a mapping or list cannot be a key").action("write key: value"));
      return null;
    }
    String spelled = KubectlScalars.key(key);
    if (userChosen && !spelled.equals(key.text())) {
      problems.add(
          key,
          Violation.error(
                  FieldPath.key(path, key.text()),
                  "kubectl reads the key "
                      + Quoted.shorten(key.text())
                      + " without quotes as "
                      + spelled)
              .found(Quoted.shorten(key.text()))
              .action("write " + Quoted.of(key.text()) + " in quotes"));
      return null;
    }
    return key.text();
  }

  private boolean isDuplicate(Entry entry, String name, String path, Map<String, SourceNode> seen) {
    SourceNode first = seen.putIfAbsent(name, entry.key());
    if (first == null) {
      return false;
    }
    problems.add(
        entry.key(),
        Violation.error(path, "duplicate key; the first one stands in line " + first.line())
            .action("remove one of them; the API server keeps only the last"));
    return true;
  }

  private void otherVersion(Entry entry, Member member, String path) {
    ApiVersion owner = member.versions().iterator().next();
    problems.add(
        entry.key(),
        Violation.error(path, "exists in " + owner + " only; this document is " + version)
            .found(version.groupVersion())
            .addAllowed(owner.groupVersion())
            .action("write apiVersion: " + owner + ", or remove the field"));
  }

  private void unknown(Entry entry, Fields fields, String name, String path)
      throws UnreadableSourceException {
    if (problems.isFull()) {
      problems.drop(); // looking for the nearest name costs too much for what nobody will read
      return;
    }
    String childPath = FieldPath.child(path, name);
    if (fields == WorkspaceSchema.shape() && name.equals("spec") && path.isEmpty()) {
      problems.add(
          entry.key(),
          Violation.error("spec", "a Workspace has no spec")
              .found("spec")
              .allowed(List.of("resource", "inference", "tuning"))
              .action("move the blocks below spec up, beside metadata"));
      if (entry.value() instanceof Mapping) {
        read(entry.value(), fields, "spec", entry.key());
      }
      return;
    }
    Violation.Builder violation =
        Violation.error(childPath, "unknown field").rule("V-02").found(Quoted.shorten(name));
    Optional<String> nearest = Nearest.of(name, fieldNames(fields));
    if (nearest.isPresent()) {
      violation.nearest(nearest.get()).allowed(fieldNames(fields));
      if (name.equalsIgnoreCase(nearest.get())) {
        violation.action("field names are spelled with exactly these capitals");
      }
    } else {
      Optional<String> elsewhere = WorkspaceSchema.pathOf(name, path);
      if (elsewhere.isPresent()) {
        violation.nearest(elsewhere.get()).action("move it to " + elsewhere.get());
      } else {
        violation.allowed(fieldNames(fields)).action("remove it");
      }
    }
    problems.add(entry.key(), violation);
  }

  private List<String> fieldNames(Fields fields) {
    return fields.members().values().stream()
        .filter(member -> member.versions().contains(version))
        .map(Member::name)
        .toList();
  }

  private List<String> shorten(Fields fields) {
    List<String> names = fieldNames(fields);
    if (names.size() <= 8) {
      return names;
    }
    List<String> some = new ArrayList<>(names.subList(0, 7));
    some.add("...");
    return some;
  }
}
