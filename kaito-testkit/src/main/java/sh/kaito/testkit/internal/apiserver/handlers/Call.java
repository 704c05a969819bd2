package sh.kaito.testkit.internal.apiserver.handlers;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.testkit.internal.apiserver.ApiFailure;
import sh.kaito.testkit.internal.apiserver.Caller;
import sh.kaito.testkit.internal.apiserver.Cause;
import sh.kaito.testkit.internal.apiserver.Quoting;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;
import sh.kaito.testkit.internal.apiserver.auth.Access;

/** One request to one resource, with its options read. Confined to the thread that serves it. */
final class Call {
  final KubeRequest request;
  final Caller caller;
  final ResourceType type;
  final RequestPath path;
  final Accept accept;

  /** Texts of {@code Warning} headers, in order, without repetition. */
  final List<String> warnings = new ArrayList<>();

  private final Access access;

  Call(
      KubeRequest request,
      Caller caller,
      Access access,
      ResourceType type,
      RequestPath path,
      Accept accept) {
    this.request = request;
    this.caller = caller;
    this.access = access;
    this.type = type;
    this.path = path;
    this.accept = accept;
  }

  @Nullable String query(String name) {
    return request.query(name).orElse(null);
  }

  String name() {
    String name = path.name();
    return name == null ? "" : name;
  }

  @Nullable String namespace() {
    return path.namespace();
  }

  String subresource() {
    String subresource = path.subresource();
    return subresource == null ? "" : subresource;
  }

  String key() {
    return type.key(path.namespace(), name());
  }

  /** Refuses to write roles and bindings that give away what their writer does not have. */
  void checkEscalation(
      ResourceType written, Map<String, Object> object, @Nullable Map<String, Object> old) {
    access.checkEscalation(caller, written, name(), object, old);
  }

  /** This PUT or PATCH turns out to create: its sender needs that right too. */
  void requireCreate() {
    access.requireCreate(caller, type, namespace(), name());
  }

  void warn(String text) {
    if (!warnings.contains(text)) {
      warnings.add(text);
    }
  }

  /** A boolean query parameter as the server reads it: all but {@code false} and 0 is true. */
  boolean flag(String name) {
    String text = query(name);
    if (text == null) {
      return false;
    }
    return !text.equalsIgnoreCase("false") && !text.equals("0");
  }

  /** An integer query parameter; null when absent. */
  @Nullable Long number(String name) {
    String text = query(name);
    if (text == null) {
      return null;
    }
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw ApiFailure.badRequest(
          "strconv.ParseInt: parsing " + Quoting.go(text) + ": invalid syntax");
    }
  }

  /** Whether the write is only to be tried. */
  boolean dryRun(String optionsKind) {
    List<String> values = request.query().getOrDefault("dryRun", List.of());
    for (String value : values) {
      if (!value.equals("All")) {
        throw ApiFailure.invalid(
            optionsKind,
            "meta.k8s.io",
            "",
            List.of(
                new Cause(
                    "FieldValueNotSupported",
                    "dryRun",
                    "Unsupported value: " + goList(values) + ": supported values: \"All\"")));
      }
    }
    return !values.isEmpty();
  }

  private static String goList(List<String> values) {
    StringBuilder text = new StringBuilder("[");
    for (String value : values) {
      text.append(text.length() > 1 ? "," : "").append(Quoting.go(value));
    }
    return text.append(']').toString();
  }

  /** {@code fieldManager}, else what stands before the slash of the User-Agent. */
  String manager() {
    String manager = query("fieldManager");
    if (manager != null && !manager.isEmpty()) {
      return manager;
    }
    String agent = request.header("User-Agent").orElse("");
    int slash = agent.indexOf('/');
    String prefix = slash < 0 ? agent : agent.substring(0, slash);
    return prefix.isEmpty() ? "unknown" : prefix.length() > 128 ? prefix.substring(0, 128) : prefix;
  }

  /** Checks {@code fieldManager} and {@code fieldValidation} of a write. */
  void checkWriteOptions(String optionsKind) {
    List<Cause> causes = new ArrayList<>();
    String manager = query("fieldManager");
    if (manager != null) {
      if (manager.length() > 128) {
        causes.add(Cause.tooLong("fieldManager", 128));
      }
      for (int i = 0; i < manager.length(); i++) {
        char c = manager.charAt(i);
        if (c < 0x20 || (c > 0x7e && c < 0xa1)) {
          causes.add(
              Cause.invalid(
                  "fieldManager",
                  manager,
                  String.format(
                      java.util.Locale.ROOT,
                      "invalid character U+%04X (at position %d)",
                      (int) c,
                      i)));
        }
      }
    }
    String validation = query("fieldValidation");
    if (validation != null
        && !validation.isEmpty()
        && !List.of("Ignore", "Warn", "Strict").contains(validation)) {
      causes.add(Cause.unsupported("fieldValidation", validation, "Ignore", "Strict", "Warn", ""));
    }
    if (!causes.isEmpty()) {
      throw ApiFailure.invalid(optionsKind, "meta.k8s.io", "", causes);
    }
  }

  /** What becomes of unknown and repeated fields. */
  FieldValidation fieldValidation() {
    String text = query("fieldValidation");
    return "Strict".equals(text)
        ? FieldValidation.STRICT
        : "Ignore".equals(text) ? FieldValidation.IGNORE : FieldValidation.WARN;
  }

  /** Values of {@code fieldValidation}; the default is to warn. */
  enum FieldValidation {
    STRICT,
    WARN,
    IGNORE
  }
}
