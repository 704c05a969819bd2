package sh.kaito.core.manifest;

import static sh.kaito.core.internal.json.Trees.array;
import static sh.kaito.core.internal.json.Trees.object;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/** A container in the making. */
final class Container {
  private final String name;
  private final String image;
  private final Arguments command;
  private final ArrayNode ports = array();
  private final ArrayNode env = array();
  private final ArrayNode mounts = array();
  private Optional<String> workingDirectory = Optional.empty();
  private Optional<ObjectNode> probes = Optional.empty();
  private Optional<ObjectNode> resources = Optional.empty();
  private boolean keepsCapabilities;
  private boolean showsLog;

  Container(String name, String image, Arguments command) {
    this.name = name;
    this.image = image;
    this.command = command;
  }

  String name() {
    return name;
  }

  Container workingDirectory(String directory) {
    workingDirectory = Optional.of(directory);
    return this;
  }

  Container port(Optional<String> portName, int port) {
    ports.add(object("containerPort", port, "name", portName, "protocol", "TCP"));
    return this;
  }

  Container env(String variable, String value) {
    env.add(object("name", variable, "value", Arguments.literal(value)));
    return this;
  }

  Container envFromField(String variable, String fieldPath) {
    env.add(
        object(
            "name",
            variable,
            "valueFrom",
            object("fieldRef", object("apiVersion", "v1", "fieldPath", fieldPath))));
    return this;
  }

  /** A variable from a Secret; without the Secret the container waits and says what is missing. */
  Container envFromSecret(String variable, String secret, String key) {
    env.add(
        object(
            "name",
            variable,
            "valueFrom",
            object("secretKeyRef", object("name", secret, "key", key))));
    return this;
  }

  Container mount(String volume, String path) {
    mounts.add(object("name", volume, "mountPath", path));
    return this;
  }

  Container mountReadOnly(String volume, String path) {
    mounts.add(object("name", volume, "mountPath", path, "readOnly", true));
    return this;
  }

  Container probes(ObjectNode byName) {
    probes = Optional.of(byName);
    return this;
  }

  /** Takes GPUs, as request and limit. */
  Container gpus(String resource, int count) {
    ObjectNode amount = object(resource, Integer.toString(count));
    resources = Optional.of(object("limits", amount, "requests", amount));
    return this;
  }

  /** Leaves the runtime's default capabilities; for a package manager that changes its user. */
  Container keepCapabilities() {
    keepsCapabilities = true;
    return this;
  }

  /**
   * Has the kubelet keep the end of the log of a failure in the pod's status, where the reason is
   * still found when the pod's log is not; for programs that end.
   */
  Container showLogOfFailure() {
    showsLog = true;
    return this;
  }

  ObjectNode toJson() {
    ObjectNode container =
        object(
            "name",
            name,
            "image",
            image,
            "command",
            command.toJson(),
            "workingDir",
            workingDirectory,
            "ports",
            filled(ports),
            "env",
            filled(env),
            "resources",
            resources,
            "volumeMounts",
            filled(mounts),
            "terminationMessagePolicy",
            showsLog ? Optional.of("FallbackToLogsOnError") : Optional.empty(),
            "securityContext",
            object(
                "allowPrivilegeEscalation",
                false,
                "capabilities",
                keepsCapabilities ? Optional.empty() : Optional.of(object("drop", array("ALL"))),
                "seccompProfile",
                object("type", "RuntimeDefault")));
    probes.ifPresent(container::setAll);
    return container;
  }

  private static Optional<JsonNode> filled(ArrayNode list) {
    return list.isEmpty() ? Optional.empty() : Optional.of(list);
  }
}
