package sh.kaito.core.internal.lease;

import static sh.kaito.core.internal.json.Trees.object;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import sh.kaito.core.internal.kube.ObjectKey;

/**
 * What a Lease says, in the fields that client-go's LeaseLock reads and writes ({@code
 * coordination.k8s.io/v1 LeaseSpec}).
 *
 * @param holder {@code holderIdentity}; empty when it was released
 * @param seconds {@code leaseDurationSeconds}
 * @param acquired {@code acquireTime}, as it stands there
 * @param renewed {@code renewTime}, as it stands there; compared, never computed with: it is the
 *     time of another machine
 * @param transitions {@code leaseTransitions}: how often the holder has changed
 */
record LeaseRecord(String holder, int seconds, String acquired, String renewed, int transitions) {
  /** metav1.MicroTime: six digits, always. */
  private static final DateTimeFormatter MICRO_TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  static LeaseRecord read(JsonNode lease) {
    JsonNode spec = lease.path("spec");
    return new LeaseRecord(
        spec.path("holderIdentity").asText(""),
        spec.path("leaseDurationSeconds").asInt(0),
        spec.path("acquireTime").asText(""),
        spec.path("renewTime").asText(""),
        spec.path("leaseTransitions").asInt(0));
  }

  static String time(Instant instant) {
    return MICRO_TIME.format(instant);
  }

  /**
   * The Lease as an object.
   *
   * @param resourceVersion the write is refused when the Lease has another one; empty for a create
   */
  ObjectNode toObject(ObjectKey key, String resourceVersion) {
    ObjectNode metadata = object("name", key.name(), "namespace", key.namespace());
    if (!resourceVersion.isEmpty()) {
      metadata.put("resourceVersion", resourceVersion);
    }
    return object(
        "apiVersion",
        "coordination.k8s.io/v1",
        "kind",
        "Lease",
        "metadata",
        metadata,
        "spec",
        object(
            "holderIdentity",
            holder,
            "leaseDurationSeconds",
            seconds,
            "acquireTime",
            acquired,
            "renewTime",
            renewed,
            "leaseTransitions",
            transitions));
  }
}
