package sh.kaito.testkit.internal.sim.workloads;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import sh.kaito.testkit.internal.sim.Kind;
import sh.kaito.testkit.internal.sim.Objects;

/** Pods from templates, and the names that controllers derive from a template. Pure. */
final class PodTemplates {
  /** The letters of generated names: no vowels, nothing that looks like another. */
  private static final String ALPHABET = "bcdfghjklmnpqrstvwxz2456789";

  private static final int FNV_OFFSET = 0x811c9dc5;
  private static final int FNV_PRIME = 0x01000193;

  private PodTemplates() {}

  /**
   * A name for a template's content: 32-bit FNV-1a of the JSON with sorted fields, in decimal, each
   * digit mapped to a letter, the form that Kubernetes uses. The value is another, since Kubernetes
   * hashes Go's print of the struct.
   */
  static String hash(JsonNode template) {
    StringBuilder canonical = new StringBuilder();
    canonical(template, canonical);
    String decimal = Integer.toUnsignedString(fnv(canonical.toString()));
    StringBuilder result = new StringBuilder();
    for (int i = 0; i < decimal.length(); i++) {
      result.append(ALPHABET.charAt(decimal.charAt(i) % ALPHABET.length()));
    }
    return result.toString();
  }

  private static int fnv(String text) {
    int hash = FNV_OFFSET;
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xff)) * FNV_PRIME;
    }
    return hash;
  }

  private static void canonical(JsonNode node, StringBuilder out) {
    if (node.isObject()) {
      Map<String, JsonNode> sorted = new TreeMap<>();
      node.properties().forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
      out.append('{');
      sorted.forEach(
          (name, value) -> {
            if (!value.isNull()) {
              out.append('"').append(name).append("\":");
              canonical(value, out);
              out.append(',');
            }
          });
      out.append('}');
    } else if (node.isArray()) {
      out.append('[');
      node.forEach(
          element -> {
            canonical(element, out);
            out.append(',');
          });
      out.append(']');
    } else {
      out.append(node);
    }
  }

  /** Five letters that depend on the owner and a number alone. */
  static String suffix(String owner, int number) {
    int hash = fnv(owner + "#" + number);
    StringBuilder result = new StringBuilder();
    for (int i = 0; i < 5; i++) {
      result.append(ALPHABET.charAt(Math.floorMod(hash, ALPHABET.length())));
      hash = (hash / ALPHABET.length()) ^ (hash * FNV_PRIME);
    }
    return result.toString();
  }

  /** A pod of a template, owned by its controller. */
  static ObjectNode pod(Kind ownerKind, JsonNode owner, String name, Map<String, String> labels) {
    JsonNode template = owner.path("spec").path("template");
    ObjectNode pod = Objects.object().put("apiVersion", "v1").put("kind", "Pod");
    ObjectNode metadata =
        pod.putObject("metadata").put("name", name).put("namespace", Objects.namespace(owner));
    ObjectNode all = metadata.putObject("labels");
    Objects.labels(template).forEach(all::put);
    labels.forEach(all::put);
    JsonNode annotations = template.path("metadata").path("annotations");
    if (!annotations.isEmpty()) {
      metadata.set("annotations", annotations.deepCopy());
    }
    metadata.putArray("ownerReferences").add(Objects.ownerReference(ownerKind, owner));
    pod.set("spec", template.path("spec").deepCopy());
    return pod;
  }

  static boolean isReady(JsonNode pod) {
    return Objects.isTrue(pod, "Ready") && !isTerminal(pod);
  }

  static boolean isTerminal(JsonNode pod) {
    String phase = Objects.text(pod, "status", "phase");
    return phase.equals("Succeeded") || phase.equals("Failed");
  }

  static boolean isActive(JsonNode pod) {
    return !isTerminal(pod) && !Objects.isDeleting(pod);
  }
}
