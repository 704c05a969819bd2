package sh.kaito.testkit.internal.apiserver.strategy;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.apiserver.Cause;
import sh.kaito.testkit.internal.apiserver.Names;
import sh.kaito.testkit.internal.json.Json;

/** What is refused in pods and pod templates. */
final class PodRules {
  private PodRules() {}

  /** Complaints about a template, {@code spec.template}. */
  static void template(Map<String, Object> object, String field, List<Cause> causes) {
    Object template = Json.get(object, field.split("\\.", -1));
    MetadataRules.labels(
        Json.object(template, "metadata", "labels"), field + ".metadata.labels", causes);
    spec(Json.get(template, "spec"), field + ".spec", causes);
  }

  /** Complaints about a pod's spec. */
  static void spec(@Nullable Object spec, String field, List<Cause> causes) {
    List<Object> containers = Trees.items(spec, "containers");
    if (containers.isEmpty()) {
      causes.add(Cause.required(field + ".containers", ""));
    }
    for (int i = 0; i < containers.size(); i++) {
      container(containers.get(i), field + ".containers[" + i + "]", causes);
    }
  }

  private static void container(Object container, String field, List<Cause> causes) {
    String name = Json.text(container, "name");
    if (name.isEmpty()) {
      causes.add(Cause.required(field + ".name", ""));
    } else {
      Names.label(name)
          .ifPresent(problem -> causes.add(Cause.invalid(field + ".name", name, problem)));
    }
    if (Json.text(container, "image").isEmpty()) {
      causes.add(Cause.required(field + ".image", ""));
    }
    List<Object> variables = Trees.items(container, "env");
    for (int i = 0; i < variables.size(); i++) {
      if (Json.text(variables.get(i), "name").isEmpty()) {
        causes.add(Cause.required(field + ".env[" + i + "].name", ""));
      }
    }
    List<Object> ports = Trees.items(container, "ports");
    for (int i = 0; i < ports.size(); i++) {
      long port = Json.integer(ports.get(i), 0, "containerPort");
      String at = field + ".ports[" + i + "].containerPort";
      if (port == 0) {
        causes.add(Cause.required(at, ""));
      } else if (port < 1 || port > 65535) {
        causes.add(Cause.invalid(at, port, "must be between 1 and 65535, inclusive"));
      }
    }
  }
}
