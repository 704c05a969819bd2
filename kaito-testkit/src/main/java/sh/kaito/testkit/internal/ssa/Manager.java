package sh.kaito.testkit.internal.ssa;

import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.json.GoFormat;
import sh.kaito.testkit.internal.json.Json;

/**
 * Who owns fields: the identity of an entry of managedFields. Appliers are the same whatever
 * version they use, so their {@code apiVersion} is empty here.
 */
final class Manager implements Comparable<Manager> {
  private final String name;
  private final boolean apply;
  private final String apiVersion;
  private final String subresource;
  private @Nullable String identifier;

  Manager(String name, boolean apply, String apiVersion, String subresource) {
    this.name = name;
    this.apply = apply;
    this.apiVersion = apiVersion;
    this.subresource = subresource;
  }

  String name() {
    return name;
  }

  boolean apply() {
    return apply;
  }

  String apiVersion() {
    return apiVersion;
  }

  String subresource() {
    return subresource;
  }

  static Manager applier(String name, String subresource) {
    return new Manager(name.isEmpty() ? "unknown" : name, true, "", subresource);
  }

  static Manager updater(String name, String apiVersion, String subresource) {
    return new Manager(name.isEmpty() ? "unknown" : name, false, apiVersion, subresource);
  }

  String operation() {
    return apply ? "Apply" : "Update";
  }

  /** As conflicts name it: {@code "name" with subresource "status" using v1}. */
  String describe() {
    String text = GoFormat.quote(name);
    if (!subresource.isEmpty()) {
      text += " with subresource " + GoFormat.quote(subresource);
    }
    return apply ? text : text + " using " + apiVersion;
  }

  /**
   * The identifier that the real server sorts conflicts by. Made once: managers are keys of sorted
   * maps. Two threads may both make it; they make the same.
   */
  private String identifier() {
    String made = identifier;
    if (made == null) {
      made = makeIdentifier();
      identifier = made;
    }
    return made;
  }

  private String makeIdentifier() {
    return "{\"manager\":"
        + Json.writeString(name)
        + ",\"operation\":\""
        + operation()
        + "\""
        + part("apiVersion", apiVersion)
        + part("subresource", subresource)
        + "}";
  }

  private static String part(String key, String value) {
    return value.isEmpty() ? "" : ",\"" + key + "\":" + Json.writeString(value);
  }

  @Override
  public int compareTo(Manager other) {
    return Values.compareText(identifier(), other.identifier());
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Manager manager
        && name.equals(manager.name)
        && apply == manager.apply
        && apiVersion.equals(manager.apiVersion)
        && subresource.equals(manager.subresource);
  }

  @Override
  public int hashCode() {
    return name.hashCode() * 31 + subresource.hashCode() + (apply ? 1 : 0);
  }
}
