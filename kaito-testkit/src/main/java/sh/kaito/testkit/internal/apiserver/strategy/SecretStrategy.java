package sh.kaito.testkit.internal.apiserver.strategy;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import sh.kaito.testkit.internal.apiserver.Cause;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;
import sh.kaito.testkit.internal.json.Json;
import sh.kaito.testkit.internal.json.JsonParseException;

/** Secrets: plain text becomes data, the type stays. */
final class SecretStrategy extends Strategy {
  private static final long LIMIT = 1024 * 1024;

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
    Check secret = Check.of(object, "", causes);
    DataRules.keys(object, "data", causes);
    if (DataRules.size(object) > LIMIT) {
      causes.add(Cause.tooLong("data", LIMIT));
    }
    switch (secret.text("type")) {
      case "kubernetes.io/service-account-token" -> {
        String account = "kubernetes.io/service-account.name";
        Map<String, Object> annotations = secret.object("metadata.annotations");
        if (annotations == null || "".equals(annotations.getOrDefault(account, ""))) {
          secret.required("metadata.annotations[" + account + "]", "");
        }
      }
      case "kubernetes.io/dockerconfigjson" -> document(secret, ".dockerconfigjson");
      case "kubernetes.io/dockercfg" -> document(secret, ".dockercfg");
      case "kubernetes.io/ssh-auth" -> required(secret, "ssh-privatekey");
      case "kubernetes.io/tls" -> required(secret, "tls.crt", "tls.key");
      case "kubernetes.io/basic-auth" -> {
        if (!has(secret, "username") && !has(secret, "password")) {
          required(secret, "username", "password");
        }
      }
      default -> {
        // Other types are their users' own.
      }
    }
  }

  private static boolean has(Check secret, String key) {
    Map<String, Object> data = secret.object("data");
    return data != null && data.containsKey(key);
  }

  private static void required(Check secret, String... keys) {
    for (String key : keys) {
      if (!has(secret, key)) {
        secret.required("data[" + key + "]", "");
      }
    }
  }

  /** A key that holds JSON; what it holds is not shown. */
  private static void document(Check secret, String key) {
    Map<String, Object> data = secret.object("data");
    if (data == null || !(data.get(key) instanceof String text)) {
      secret.required("data[" + key + "]", "");
      return;
    }
    try {
      Json.parse(Base64.getDecoder().decode(text));
    } catch (JsonParseException e) {
      secret.invalid(
          "data[" + key + "]", "<secret contents redacted>", String.valueOf(e.getMessage()));
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
