package sh.kaito.core.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import sh.kaito.api.kube.RequestInfo;
import sh.kaito.core.internal.kube.KubeJson;
import sh.kaito.core.internal.kube.KubeJson.MalformedJsonException;

/** Takes secrets out of the bodies of requests and answers. Where in doubt, takes out too much. */
final class Redaction {
  /** What kubectl copies the whole object into. */
  private static final String LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

  /** Fields whose values are secret: of a Secret, and of a token request. */
  private static final Set<String> SECRET_FIELDS = Set.of("data", "stringData", "token");

  private Redaction() {}

  /** The body as text that may be shown. */
  static String ofBody(RequestInfo request, byte[] body) {
    if (body.length == 0) {
      return "";
    }
    if (request.subresource().filter("proxy"::equals).isPresent()) {
      return "<" + body.length + " bytes through the proxy>";
    }
    JsonNode tree;
    try {
      tree = KubeJson.read(body);
    } catch (MalformedJsonException e) {
      return "<" + e.getMessage() + ">";
    }
    redact(tree, request.resource().equals("secrets") || isToken(request));
    return new String(KubeJson.write(tree), StandardCharsets.UTF_8);
  }

  private static boolean isToken(RequestInfo request) {
    return request.subresource().filter("token"::equals).isPresent()
        || request.resource().equals("tokenreviews");
  }

  private static void redact(JsonNode node, boolean secret) {
    boolean inSecret = secret || node.path("kind").asText("").equals("Secret");
    if (node instanceof ArrayNode array) {
      array.forEach(element -> redact(element, inSecret));
    } else if (node instanceof ObjectNode object) {
      List<String> names = new ArrayList<>();
      object.fieldNames().forEachRemaining(names::add);
      for (String name : names) {
        JsonNode value = object.path(name);
        if (inSecret && isSecretField(object, name)) {
          object.set(name, hide(value));
        } else {
          redact(value, inSecret);
        }
      }
    }
  }

  private static boolean isSecretField(ObjectNode object, String name) {
    // "value" with "op" is an operation of a JSON patch.
    return SECRET_FIELDS.contains(name)
        || name.equals(LAST_APPLIED)
        || (name.equals("value") && object.has("op"));
  }

  /** Keeps the keys, so that one sees which were there. */
  private static JsonNode hide(JsonNode value) {
    if (value instanceof ObjectNode object) {
      ObjectNode hidden = KubeJson.object();
      object.fieldNames().forEachRemaining(name -> hidden.put(name, "<redacted>"));
      return hidden;
    }
    return TextNode.valueOf("<redacted>");
  }
}
