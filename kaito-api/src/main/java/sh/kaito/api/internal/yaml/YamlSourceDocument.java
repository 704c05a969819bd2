package sh.kaito.api.internal.yaml;

import org.jspecify.annotations.Nullable;
import sh.kaito.api.internal.text.FieldPath;
import sh.kaito.api.internal.yaml.SourceNode.Entry;
import sh.kaito.api.internal.yaml.SourceNode.Mapping;
import sh.kaito.api.internal.yaml.SourceNode.Scalar;
import sh.kaito.api.internal.yaml.SourceNode.Sequence;
import sh.kaito.api.validation.SourceDocument;
import sh.kaito.api.validation.SourceLocation;

/** Looks paths up in the tree that was read. */
record YamlSourceDocument(String name, SourceNode root) implements SourceDocument {

  @Override
  public SourceLocation locate(String path) {
    SourceNode node = root;
    SourceNode position = root;
    for (String step : FieldPath.steps(path)) {
      SourceNode key = null;
      SourceNode next = null;
      if (node instanceof Mapping mapping) {
        Entry entry = mapping.entry(step);
        key = entry == null ? null : entry.key();
        next = entry == null ? null : entry.value();
      } else if (node instanceof Sequence sequence) {
        next = element(sequence, step);
        key = next;
      }
      if (next == null || key == null) {
        break;
      }
      node = next;
      boolean single = next instanceof Scalar scalar && !scalar.text().isEmpty();
      position = single ? next : key;
    }
    return new SourceLocation(name, position.line(), position.column());
  }

  private static @Nullable SourceNode element(Sequence sequence, String step) {
    if (step.isEmpty() || step.length() > 6 || !step.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return null;
    }
    int index = Integer.parseInt(step);
    return index < sequence.elements().size() ? sequence.elements().get(index) : null;
  }

  /** The name alone: the content may hold secrets. */
  @Override
  public String toString() {
    return name;
  }
}
