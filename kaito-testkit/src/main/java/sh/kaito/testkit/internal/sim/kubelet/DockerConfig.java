package sh.kaito.testkit.internal.sim.kubelet;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import sh.kaito.testkit.internal.sim.Objects;

/** Credentials in a {@code config.json} of docker's, which {@code .dockerconfigjson} holds too. */
final class DockerConfig {
  private DockerConfig() {}

  /**
   * {@code user:password} for a registry; empty when the file names none, or is not readable: then
   * a tool goes on without, and the registry refuses.
   */
  static Optional<String> credentials(byte[] file, String registry) {
    JsonNode auths;
    try {
      auths = Objects.MAPPER.readTree(file).path("auths");
    } catch (IOException e) {
      return Optional.empty();
    }
    for (String key : new String[] {registry, "https://" + registry, "http://" + registry}) {
      JsonNode entry = auths.path(key);
      String auth = Objects.text(entry, "auth");
      if (!auth.isEmpty()) {
        return decoded(auth);
      }
      if (entry.has("username")) {
        return Optional.of(Objects.text(entry, "username") + ":" + Objects.text(entry, "password"));
      }
    }
    return Optional.empty();
  }

  private static Optional<String> decoded(String auth) {
    try {
      return Optional.of(new String(Base64.getDecoder().decode(auth), StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
