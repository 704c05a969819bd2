package sh.kaito.testkit.internal.apiserver.handlers;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.apiserver.ApiFailure;
import sh.kaito.testkit.internal.apiserver.Caller;
import sh.kaito.testkit.internal.apiserver.Cause;
import sh.kaito.testkit.internal.apiserver.Dates;
import sh.kaito.testkit.internal.apiserver.api.Schemas;
import sh.kaito.testkit.internal.apiserver.auth.Access;
import sh.kaito.testkit.internal.apiserver.auth.Attributes;
import sh.kaito.testkit.internal.apiserver.auth.Authentication;
import sh.kaito.testkit.internal.apiserver.auth.Authorizer;
import sh.kaito.testkit.internal.apiserver.auth.PolicyRule;
import sh.kaito.testkit.internal.apiserver.auth.ServiceAccountTokens;
import sh.kaito.testkit.internal.apiserver.strategy.FieldOwnership;
import sh.kaito.testkit.internal.apiserver.strategy.MetadataRules;
import sh.kaito.testkit.internal.json.Json;

/**
 * Questions in the form of objects that are answered and not stored: access reviews, rules reviews
 * and reviews of who one is.
 */
final class Reviews {
  private static final String AUTHORIZATION = "authorization.k8s.io";
  private static final String AUTHENTICATION = "authentication.k8s.io";

  private final Access access;
  private final Bodies bodies;
  private final Schemas schemas;
  private final FieldOwnership ownership;
  private final Clock clock;

  Reviews(Access access, Bodies bodies, Schemas schemas, FieldOwnership ownership, Clock clock) {
    this.access = access;
    this.bodies = bodies;
    this.schemas = schemas;
    this.ownership = ownership;
    this.clock = clock;
  }

  /** Whether objects of the call's type are questions. */
  static boolean isReview(Call call) {
    return Set.of(AUTHORIZATION, AUTHENTICATION).contains(call.type.group());
  }

  /** Answers one. */
  Map<String, Object> answer(Call call) {
    call.checkWriteOptions("CreateOptions");
    call.dryRun("CreateOptions");
    Map<String, Object> review = bodies.object(call, BodyType.of(call.type, schemas));
    if (call.type.namespaced()) {
      Map<String, Object> metadata = MetadataRules.metadata(review);
      metadata.putIfAbsent("namespace", call.namespace());
    }
    review.remove("status");
    review =
        Json.copyObject(
            ownership.update(call.type, "", null, review, call.manager(), clock.instant()));
    review.put("status", status(call, review));
    return call.type.kind().equals("SelfSubjectRulesReview") ? withoutQuestion(review) : review;
  }

  private static Map<String, Object> withoutQuestion(Map<String, Object> review) {
    return Json.objectOf(
        "kind",
        review.get("kind"),
        "apiVersion",
        review.get("apiVersion"),
        "metadata",
        Json.newObject(),
        "spec",
        Json.newObject(),
        "status",
        review.get("status"));
  }

  private Map<String, Object> status(Call call, Map<String, Object> review) {
    Map<String, Object> spec = Json.object(review, "spec");
    return switch (call.type.kind()) {
      case "SelfSubjectAccessReview" -> access(call, review, spec, call.caller);
      case "SubjectAccessReview", "LocalSubjectAccessReview" ->
          access(call, review, spec, subject(spec));
      case "SelfSubjectRulesReview" -> rules(call.caller, Json.text(spec, "namespace"));
      case "TokenReview" -> token(spec);
      case "SelfSubjectReview" -> {
        MetadataRules.metadata(review).put("creationTimestamp", Dates.seconds(clock.instant()));
        yield Json.objectOf("userInfo", userInfo(call.caller));
      }
      default -> throw ApiFailure.methodNotAllowed();
    };
  }

  private static Caller subject(@Nullable Map<String, Object> spec) {
    return new Caller(
        Json.text(spec, "user"), Json.text(spec, "uid"), strings(spec, "groups"), Map.of());
  }

  private static List<String> strings(@Nullable Object parent, String key) {
    List<Object> list = Json.list(parent, key);
    return list == null ? List.of() : list.stream().map(String::valueOf).toList();
  }

  private Map<String, Object> access(
      Call call, Map<String, Object> review, @Nullable Map<String, Object> spec, Caller subject) {
    Map<String, Object> resource = Json.object(spec, "resourceAttributes");
    Map<String, Object> path = Json.object(spec, "nonResourceAttributes");
    validate(call, review, spec, resource, path);
    Authorizer.Decision decision =
        access
            .authorizer()
            .decide(
                resource == null
                    ? Attributes.path(subject, Json.text(path, "verb"), Json.text(path, "path"))
                    : new Attributes(
                        subject,
                        Json.text(resource, "verb"),
                        Json.text(resource, "group"),
                        Json.text(resource, "resource"),
                        Json.text(resource, "subresource"),
                        Json.text(resource, "namespace"),
                        Json.text(resource, "name"),
                        ""));
    Map<String, Object> status = Json.objectOf("allowed", decision.allowed());
    if (!decision.reason().isEmpty()) {
      status.put("reason", decision.reason());
    }
    return status;
  }

  private static void validate(
      Call call,
      Map<String, Object> review,
      @Nullable Map<String, Object> spec,
      @Nullable Map<String, Object> resource,
      @Nullable Map<String, Object> path) {
    List<Cause> causes = new ArrayList<>();
    if (resource != null && path != null) {
      causes.add(
          Cause.invalid(
              "spec.nonResourceAttributes",
              internal(path),
              "cannot be specified in combination with resourceAttributes"));
    } else if (resource == null && path == null) {
      causes.add(
          Cause.invalid(
              "spec.resourceAttributes",
              null,
              "exactly one of nonResourceAttributes or resourceAttributes must be specified"));
    }
    boolean self = call.type.kind().equals("SelfSubjectAccessReview");
    if (!self && Json.text(spec, "user").isEmpty() && strings(spec, "groups").isEmpty()) {
      causes.add(Cause.invalid("spec.user", "", "at least one of user or group must be specified"));
    }
    boolean local = call.type.namespaced();
    Map<String, Object> metadata = Json.copyObject(MetadataRules.metadata(review));
    metadata.remove("managedFields");
    if (local) {
      metadata.remove("namespace");
    }
    if (!metadata.isEmpty()) {
      causes.add(
          Cause.invalid(
              "metadata",
              MetadataRules.metadata(review),
              local ? "must be empty except for namespace" : "must be empty"));
    }
    if (local) {
      validateLocal(call, resource, path, causes);
    }
    if (!causes.isEmpty()) {
      throw ApiFailure.invalid("", AUTHORIZATION, "", causes);
    }
  }

  private static void validateLocal(
      Call call,
      @Nullable Map<String, Object> resource,
      @Nullable Map<String, Object> path,
      List<Cause> causes) {
    String namespace = Json.text(resource, "namespace");
    if (resource != null && !namespace.equals(call.namespace())) {
      causes.add(
          Cause.invalid(
              "spec.resourceAttributes.namespace", namespace, "must match metadata.namespace"));
    }
    if (path != null) {
      causes.add(
          Cause.invalid(
              "spec.nonResourceAttributes", internal(path), "disallowed on this kind of request"));
    }
  }

  /** The field names of the server's own type, which its messages show. */
  private static Map<String, Object> internal(Map<String, Object> path) {
    return Json.objectOf("Path", Json.text(path, "path"), "Verb", Json.text(path, "verb"));
  }

  private Map<String, Object> rules(Caller caller, String namespace) {
    if (namespace.isEmpty()) {
      throw ApiFailure.badRequest("no namespace on request");
    }
    Authorizer.Rules rules = access.authorizer().rules(caller, namespace);
    List<Object> resources = new ArrayList<>();
    List<Object> paths = new ArrayList<>();
    for (PolicyRule rule : rules.rules()) {
      if (!rule.resources().isEmpty()) {
        Map<String, Object> entry =
            Json.objectOf(
                "verbs",
                rule.verbs(),
                "apiGroups",
                rule.apiGroups(),
                "resources",
                rule.resources());
        if (!rule.resourceNames().isEmpty()) {
          entry.put("resourceNames", rule.resourceNames());
        }
        resources.add(entry);
      }
      if (!rule.nonResourceUrls().isEmpty()) {
        paths.add(Json.objectOf("verbs", rule.verbs(), "nonResourceURLs", rule.nonResourceUrls()));
      }
    }
    Map<String, Object> status =
        Json.objectOf("resourceRules", resources, "nonResourceRules", paths, "incomplete", false);
    if (!rules.error().isEmpty()) {
      status.put("evaluationError", rules.error());
    }
    return status;
  }

  private Map<String, Object> token(@Nullable Map<String, Object> spec) {
    String token = Json.text(spec, "token");
    if (token.isEmpty()) {
      throw ApiFailure.badRequest("token is required for TokenReview in authentication");
    }
    List<String> audiences = strings(spec, "audiences");
    Authentication.Identity identity =
        access
            .authentication()
            .identify(
                token, audiences.isEmpty() ? List.of(ServiceAccountTokens.ISSUER) : audiences);
    if (identity == null) {
      return Json.objectOf("user", Json.newObject(), "error", "invalid bearer token");
    }
    return Json.objectOf(
        "authenticated",
        true,
        "user",
        userInfo(identity.caller()),
        "audiences",
        identity.audiences());
  }

  private static Map<String, Object> userInfo(Caller caller) {
    Map<String, Object> info = Json.objectOf("username", caller.name());
    if (!caller.uid().isEmpty()) {
      info.put("uid", caller.uid());
    }
    info.put("groups", caller.groups());
    if (!caller.extra().isEmpty()) {
      Map<String, Object> extra = Json.newObject();
      caller.extra().forEach(extra::put);
      info.put("extra", extra);
    }
    return info;
  }
}
