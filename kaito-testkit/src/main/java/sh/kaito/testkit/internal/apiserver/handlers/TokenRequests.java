package sh.kaito.testkit.internal.apiserver.handlers;

import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.apiserver.ApiFailure;
import sh.kaito.testkit.internal.apiserver.Cause;
import sh.kaito.testkit.internal.apiserver.Dates;
import sh.kaito.testkit.internal.apiserver.Quoting;
import sh.kaito.testkit.internal.apiserver.auth.ServiceAccountTokens;
import sh.kaito.testkit.internal.apiserver.storage.Store;
import sh.kaito.testkit.internal.apiserver.storage.StoredObject;
import sh.kaito.testkit.internal.apiserver.strategy.MetadataRules;
import sh.kaito.testkit.internal.json.Json;
import sh.kaito.testkit.internal.schema.BuiltInSchema;
import sh.kaito.testkit.internal.ssa.FieldSet;
import sh.kaito.testkit.internal.ssa.ManagedFields;

/** The subresource {@code token} of service accounts. */
final class TokenRequests {
  private static final String GROUP = "authentication.k8s.io";
  private static final String KIND = "TokenRequest";

  /** Bounds and default of kube-apiserver, in seconds. */
  private static final long SHORTEST = 600;

  private static final long LONGEST = 1L << 32;
  private static final long DEFAULT = 3600;

  private static final BodyType TYPE = BodyType.builtIn(GROUP, "v1", KIND);

  private final ServiceAccountTokens tokens;
  private final Store store;
  private final Bodies bodies;
  private final Clock clock;

  TokenRequests(ServiceAccountTokens tokens, Store store, Bodies bodies, Clock clock) {
    this.tokens = tokens;
    this.store = store;
    this.bodies = bodies;
    this.clock = clock;
  }

  /** Answers a request with the token in its status. */
  Map<String, Object> create(Call call) {
    call.checkWriteOptions("CreateOptions");
    call.dryRun("CreateOptions");
    Map<String, Object> request = bodies.object(call, TYPE);
    checkIdentity(request, call);
    request = Json.copyObject(owned(call, request));
    Map<String, Object> spec = spec(request);
    long seconds = Json.integer(spec, DEFAULT, "expirationSeconds");
    checkExpiration(seconds);
    StoredObject account = store.get(call.type.storage(), call.key());
    if (account == null) {
      throw ApiFailure.notFound(call.type, call.name());
    }
    List<Object> sent = Json.list(spec, "audiences");
    List<String> audiences =
        sent == null || sent.isEmpty()
            ? List.of(ServiceAccountTokens.ISSUER)
            : sent.stream().map(String::valueOf).toList();
    spec.put("audiences", audiences);
    spec.put("expirationSeconds", seconds);
    Map<String, Object> reference = Json.object(spec, "boundObjectRef");
    StoredObject bound = reference == null ? null : bound(reference, account);
    ServiceAccountTokens.Issued issued =
        tokens.issue(
            new ServiceAccountTokens.Claims(
                account, audiences, seconds, boundKind(reference), bound));
    Map<String, Object> metadata = MetadataRules.metadata(request);
    metadata.put("name", account.name());
    metadata.put("namespace", account.namespace());
    metadata.put("uid", account.uid());
    metadata.put("creationTimestamp", Dates.seconds(clock.instant()));
    request.put(
        "status",
        Json.objectOf(
            "token", issued.token(), "expirationTimestamp", Dates.seconds(issued.expires())));
    return request;
  }

  private Map<String, Object> owned(Call call, Map<String, Object> request) {
    BuiltInSchema schema = (BuiltInSchema) TYPE.schema();
    return ManagedFields.of(
            new ManagedFields.Target(
                TYPE.apiVersion(), TYPE.kind(), call.subresource(), FieldSet.of()),
            schema.empty(),
            version -> schema.applyType())
        .update(null, request, call.manager(), clock.instant());
  }

  private static Map<String, Object> spec(Map<String, Object> request) {
    Map<String, Object> spec = Json.object(request, "spec");
    if (spec == null) {
      spec = Json.newObject();
      request.put("spec", spec);
    }
    return spec;
  }

  private static void checkIdentity(Map<String, Object> request, Call call) {
    checkSame(request, "name", call.name(), call);
    checkSame(request, "namespace", call.namespace(), call);
  }

  private static void checkSame(
      Map<String, Object> request, String field, @Nullable String expected, Call call) {
    String sent = Json.text(request, "metadata", field);
    if (!sent.isEmpty() && !sent.equals(expected)) {
      throw invalid(
          call.name(),
          Cause.invalid(
              "metadata." + field,
              sent,
              "must match the service account " + field + " if specified"));
    }
  }

  private static void checkExpiration(long seconds) {
    String problem =
        seconds < SHORTEST
            ? "may not specify a duration less than 10 minutes"
            : seconds > LONGEST ? "may not specify a duration larger than 2^32 seconds" : "";
    if (!problem.isEmpty()) {
      throw invalid("", Cause.invalid("spec.expirationSeconds", seconds, problem));
    }
  }

  private static ApiFailure invalid(String name, Cause cause) {
    return ApiFailure.invalid(KIND, GROUP, name, List.of(cause));
  }

  private static @Nullable String boundKind(@Nullable Map<String, Object> reference) {
    return reference == null ? null : Json.text(reference, "kind").toLowerCase(Locale.ROOT);
  }

  /** The pod, secret or node that a token is to end with. */
  private StoredObject bound(Map<String, Object> reference, StoredObject account) {
    String kind = Json.text(reference, "kind");
    String name = Json.text(reference, "name");
    String apiVersion = Json.text(reference, "apiVersion");
    if (!apiVersion.equals("v1") || !List.of("Pod", "Secret", "Node").contains(kind)) {
      throw ApiFailure.badRequest(
          "cannot bind token to object of type " + apiVersion + ", Kind=" + kind);
    }
    String plural = boundKind(reference) + "s";
    StoredObject object =
        store.get(plural, kind.equals("Node") ? name : account.namespace() + "/" + name);
    if (object == null) {
      throw ApiFailure.of(404, "NotFound", plural + " " + Quoting.go(name) + " not found")
          .withDetails(Json.objectOf("name", name, "kind", plural));
    }
    String runsAs = Json.text(object.json(), "spec", "serviceAccountName");
    if (kind.equals("Pod") && !runsAs.equals(account.name())) {
      throw ApiFailure.badRequest(
          "cannot bind token for serviceaccount "
              + Quoting.go(account.name())
              + " to pod running with serviceaccount "
              + Quoting.go(runsAs));
    }
    String uid = Json.text(reference, "uid");
    if (!uid.isEmpty() && !uid.equals(object.uid())) {
      throw ApiFailure.of(
              409,
              "Conflict",
              "Operation cannot be fulfilled on "
                  + kind
                  + " "
                  + Quoting.go(name)
                  + ": the UID in the bound object reference ("
                  + uid
                  + ") does not match the UID in record. The object might have been deleted and"
                  + " then recreated")
          .withDetails(Json.objectOf("name", name, "kind", kind));
    }
    return object;
  }
}
