package sh.kaito.core.internal.settings;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Flags of the server that a ConfigMap must not set, and why. */
final class ReservedFlags {
  private static final String CODE = "it loads code that the model server then runs";
  private static final String SECRET = "it would put a secret on a command line";
  private static final String HEALTH = "probes and the Service speak plain HTTP to port 5000";

  private static final Map<String, String> REASONS =
      Map.ofEntries(
          Map.entry("host", HEALTH),
          Map.entry("uds", HEALTH),
          Map.entry("root-path", HEALTH),
          Map.entry("headless", HEALTH),
          Map.entry("ssl-keyfile", HEALTH),
          Map.entry("ssl-certfile", HEALTH),
          Map.entry("ssl-ca-certs", HEALTH),
          Map.entry("ssl-cert-reqs", HEALTH),
          Map.entry("api-key", SECRET),
          Map.entry(
              "hf-token",
              SECRET + "; name a Secret in inference.preset.presetOptions.modelAccessSecret"),
          Map.entry("config", "the settings stand in this ConfigMap"),
          Map.entry("lora-modules", "adapters stand in inference.adapters"),
          Map.entry("middleware", CODE),
          Map.entry("tool-parser-plugin", CODE),
          Map.entry("reasoning-parser-plugin", CODE),
          Map.entry("io-processor-plugin", CODE),
          Map.entry("logits-processors", CODE),
          Map.entry("logits-processor-pattern", CODE),
          Map.entry("worker-cls", CODE),
          Map.entry("worker-extension-cls", CODE),
          Map.entry("scheduler-cls", CODE));

  /** Flags of the wrapper around vLLM that are the user's. */
  private static final List<String> WRAPPER =
      List.of("kaito-disable-rate-limit", "kaito-kv-cache-cpu-memory-utilization");

  private ReservedFlags() {}

  static Optional<String> reason(String name) {
    if (name.startsWith("kaito-") && !WRAPPER.contains(name)) {
      return Optional.of("it is the library's; of this kind only " + WRAPPER + " may be set");
    }
    return Optional.ofNullable(REASONS.get(name));
  }
}
