package sh.kaito.testkit.internal.apiserver.handlers;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import sh.kaito.testkit.internal.apiserver.ApiFailure;
import sh.kaito.testkit.internal.apiserver.Cause;
import sh.kaito.testkit.internal.apiserver.Dates;
import sh.kaito.testkit.internal.apiserver.storage.StoredObject;
import sh.kaito.testkit.internal.json.Json;
import sh.kaito.testkit.internal.schema.BuiltInSchema;
import sh.kaito.testkit.internal.ssa.FieldSet;
import sh.kaito.testkit.internal.ssa.ManagedFields;

/**
 * The token subresource of ServiceAccounts. The token has the form and the claims of a real one but
 * no signature, as this server takes no such tokens.
 */
final class Tokens {
  private static final BodyType REQUEST =
      BodyType.builtIn("authentication.k8s.io", "v1", "TokenRequest");
  private static final String ISSUER = "https://kubernetes.default.svc.cluster.local";
  private static final Duration SHORTEST = Duration.ofMinutes(10);
  private static final long LONGEST_SECONDS = 1L << 32;
  private static final Duration USUAL = Duration.ofHours(1);

  private final Reads reads;
  private final Bodies bodies;
  private final Clock clock;

  Tokens(Reads reads, Bodies bodies, Clock clock) {
    this.reads = reads;
    this.bodies = bodies;
    this.clock = clock;
  }

  /** The answered TokenRequest. */
  Map<String, Object> create(Call call) {
    call.checkWriteOptions("CreateOptions");
    call.dryRun("CreateOptions");
    Map<String, Object> request = bodies.object(call, REQUEST);
    StoredObject account = reads.get(call);
    Instant now = clock.instant();
    Map<String, Object> spec = Json.newObject();
    List<Object> audiences = Json.list(request, "spec", "audiences");
    spec.put("audiences", audiences == null || audiences.isEmpty() ? List.of(ISSUER) : audiences);
    long seconds = Json.integer(request, USUAL.toSeconds(), "spec", "expirationSeconds");
    spec.put("expirationSeconds", seconds);
    spec.put("boundObjectRef", Json.get(request, "spec", "boundObjectRef"));
    check(call, seconds);
    Map<String, Object> metadata =
        Json.objectOf(
            "name", account.name(),
            "namespace", account.namespace(),
            "uid", account.uid(),
            "creationTimestamp", Dates.seconds(now));
    Map<String, Object> answer =
        Json.objectOf(
            "kind",
            REQUEST.kind(),
            "apiVersion",
            REQUEST.apiVersion(),
            "metadata",
            metadata,
            "spec",
            spec);
    metadata.put("managedFields", Json.get(owned(call, answer, now), "metadata", "managedFields"));
    Instant end = now.plusSeconds(seconds);
    answer.put(
        "status",
        Json.objectOf(
            "token", token(account, spec, now, end), "expirationTimestamp", Dates.seconds(end)));
    return answer;
  }

  private static void check(Call call, long seconds) {
    String problem =
        seconds < SHORTEST.toSeconds()
            ? "may not specify a duration less than 10 minutes"
            : seconds > LONGEST_SECONDS
                ? "may not specify a duration larger than 2^32 seconds"
                : "";
    if (!problem.isEmpty()) {
      throw ApiFailure.invalid(
          REQUEST.kind(),
          REQUEST.group(),
          call.name(),
          List.of(Cause.invalid("spec.expirationSeconds", seconds, problem)));
    }
  }

  private static Map<String, Object> owned(Call call, Map<String, Object> answer, Instant now) {
    BuiltInSchema schema = (BuiltInSchema) REQUEST.schema();
    return ManagedFields.of(
            new ManagedFields.Target(
                REQUEST.apiVersion(), REQUEST.kind(), call.subresource(), FieldSet.of()),
            schema.empty(),
            version -> schema.applyType())
        .update(null, answer, call.manager(), now);
  }

  private static String token(
      StoredObject account, Map<String, Object> spec, Instant from, Instant to) {
    Map<String, Object> claims =
        Json.objectOf(
            "aud",
            spec.get("audiences"),
            "exp",
            to.getEpochSecond(),
            "iat",
            from.getEpochSecond(),
            "iss",
            ISSUER,
            "kubernetes.io",
            Json.objectOf(
                "namespace",
                account.namespace(),
                "serviceaccount",
                Json.objectOf("name", account.name(), "uid", account.uid())),
            "nbf",
            from.getEpochSecond(),
            "sub",
            "system:serviceaccount:" + account.namespace() + ":" + account.name());
    return encode(Json.objectOf("alg", "RS256", "kid", "embedded"))
        + "."
        + encode(claims)
        + "."
        + Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString("not signed".getBytes(StandardCharsets.UTF_8));
  }

  private static String encode(Map<String, Object> part) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(Json.write(part));
  }
}
