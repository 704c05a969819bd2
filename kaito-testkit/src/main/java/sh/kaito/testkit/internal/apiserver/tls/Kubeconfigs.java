package sh.kaito.testkit.internal.apiserver.tls;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import sh.kaito.testkit.internal.json.Json;

/** Writes kubeconfig files ({@code v1 Config}). */
public final class Kubeconfigs {
  private static final String NAME = "kaito-testkit";

  private Kubeconfigs() {}

  /** A file with one cluster, one user with a token, and one context. */
  public static String of(
      URI server, @Nullable ServerCertificates certificates, String user, String token) {
    Map<String, Object> cluster = Json.objectOf("server", server.toString());
    if (certificates != null) {
      cluster.put("certificate-authority-data", base64(certificates.authorityPem()));
    }
    Map<String, Object> config =
        Json.objectOf(
            "apiVersion",
            "v1",
            "kind",
            "Config",
            "clusters",
            List.of(Json.objectOf("name", NAME, "cluster", cluster)),
            "users",
            List.of(Json.objectOf("name", user, "user", Json.objectOf("token", token))),
            "contexts",
            List.of(
                Json.objectOf(
                    "name",
                    NAME,
                    "context",
                    Json.objectOf("cluster", NAME, "user", user, "namespace", "default"))),
            "current-context",
            NAME);
    return new Dump(
            DumpSettings.builder()
                .setDefaultFlowStyle(FlowStyle.BLOCK)
                .setWidth(Integer.MAX_VALUE)
                .build())
        .dumpToString(config);
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
