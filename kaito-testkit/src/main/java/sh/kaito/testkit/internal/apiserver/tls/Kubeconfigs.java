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

  /** A user entry that authenticates by token. */
  public static Map<String, Object> token(String token) {
    return Json.objectOf("token", token);
  }

  /** A user entry that authenticates by certificate. */
  public static Map<String, Object> certificate(ServerCertificates.Client client) {
    return Json.objectOf(
        "client-certificate-data",
        base64(client.certificate()),
        "client-key-data",
        base64(client.key()));
  }

  /**
   * A file with one cluster, one user and one context.
   *
   * @param entry how the user authenticates
   */
  public static String of(
      URI server,
      @Nullable ServerCertificates certificates,
      String user,
      Map<String, Object> entry) {
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
            List.of(Json.objectOf("name", user, "user", entry)),
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
