package sh.kaito.testkit.internal.apiserver.strategy;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import sh.kaito.testkit.internal.apiserver.Cause;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;
import sh.kaito.testkit.internal.json.Json;

/** Secrets: plain text becomes data, the type stays. */
final class SecretStrategy extends Strategy {

  @Override
  public void applyDefaults(ResourceType type, Map<String, Object> object) {
    Trees.presetText(object, "type", "Opaque");
    Map<String, Object> plain = Json.object(object, "stringData");
    if (plain != null) {
      Map<String, Object> data = Trees.child(object, "data");
      plain.forEach(
          (key, value) ->
              data.put(
                  key,
                  Base64.getEncoder()
                      .encodeToString(String.valueOf(value).getBytes(StandardCharsets.UTF_8))));
      object.remove("stringData");
    }
  }

  @Override
  public void validate(ResourceType type, Map<String, Object> object, List<Cause> causes) {
    DataRules.keys(object, "data", causes);
    List<String> required =
        switch (Json.text(object, "type")) {
          case "kubernetes.io/dockerconfigjson" -> List.of(".dockerconfigjson");
          case "kubernetes.io/dockercfg" -> List.of(".dockercfg");
          case "kubernetes.io/ssh-auth" -> List.of("ssh-privatekey");
          case "kubernetes.io/tls" -> List.of("tls.crt", "tls.key");
          default -> List.of();
        };
    for (String key : required) {
      if (Json.get(object, "data", key) == null) {
        causes.add(Cause.required("data[" + key + "]", ""));
      }
    }
  }

  @Override
  public void validateUpdate(
      ResourceType type, Map<String, Object> object, Map<String, Object> old, List<Cause> causes) {
    if (!Objects.equals(object.get("type"), old.get("type"))) {
      causes.add(MetadataRules.immutable("type", object.get("type")));
    }
    DataRules.immutable(object, old, List.of("data"), causes);
    validate(type, object, causes);
  }
}
