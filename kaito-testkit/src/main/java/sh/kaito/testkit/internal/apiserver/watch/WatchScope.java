package sh.kaito.testkit.internal.apiserver.watch;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.apiserver.selectors.FieldSelector;
import sh.kaito.testkit.internal.apiserver.selectors.LabelSelector;
import sh.kaito.testkit.internal.apiserver.selectors.SelectableFields;
import sh.kaito.testkit.internal.apiserver.storage.StoredObject;
import sh.kaito.testkit.internal.json.Json;

/**
 * Which objects of a table a list or watch is about.
 *
 * @param storage the table
 * @param prefix {@code namespace/}, or empty for all
 */
public record WatchScope(
    String storage, String prefix, LabelSelector labels, FieldSelector fields) {

  /** Whether the object belongs to the scope. */
  public boolean contains(@Nullable StoredObject object) {
    if (object == null || !object.key().startsWith(prefix)) {
      return false;
    }
    return matches(object.json());
  }

  /** Whether the selectors choose the object. */
  public boolean matches(Map<String, Object> json) {
    return labels.matches(Json.object(json, "metadata", "labels"))
        && fields.matches(json, SelectableFields::read);
  }

  /** Whether a selector narrows the scope. */
  public boolean selects() {
    return !labels.isEmpty() || !fields.isEmpty();
  }
}
