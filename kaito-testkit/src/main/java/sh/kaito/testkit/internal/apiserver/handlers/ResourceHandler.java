package sh.kaito.testkit.internal.apiserver.handlers;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.testkit.internal.apiserver.Answer;
import sh.kaito.testkit.internal.apiserver.ApiFailure;
import sh.kaito.testkit.internal.apiserver.Caller;
import sh.kaito.testkit.internal.apiserver.api.CustomVersion;
import sh.kaito.testkit.internal.apiserver.api.Registry;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;
import sh.kaito.testkit.internal.apiserver.api.Schemas;
import sh.kaito.testkit.internal.apiserver.auth.Access;
import sh.kaito.testkit.internal.apiserver.protobuf.ProtobufBody;
import sh.kaito.testkit.internal.apiserver.proxy.PodProxy;
import sh.kaito.testkit.internal.apiserver.storage.Store;
import sh.kaito.testkit.internal.apiserver.storage.StoredObject;
import sh.kaito.testkit.internal.apiserver.strategy.FieldOwnership;
import sh.kaito.testkit.internal.apiserver.table.Tables;
import sh.kaito.testkit.internal.json.Json;
import sh.kaito.testkit.internal.schema.Refusal;

/** Requests below a group and version: finds the resource, then does the verb. Thread-safe. */
public final class ResourceHandler {
  private static final Logger LOG = LoggerFactory.getLogger(ResourceHandler.class);

  /** kube-apiserver reads bodies of up to 3 MiB. */
  private static final int BODY_LIMIT = 3 * 1024 * 1024;

  private static final DumpSettings YAML_SETTINGS =
      DumpSettings.builder().setDefaultFlowStyle(FlowStyle.BLOCK).build();

  private final Registry registry;
  private final Render render;
  private final Reads reads;
  private final Writes writes;
  private final PodProxy proxy;
  private final Subresources subresources;
  private final Scales scales;
  private final PodConnections connections;
  private final Access access;
  private final Reviews reviews;
  private final TokenRequests tokenRequests;

  public ResourceHandler(
      Registry registry,
      Store store,
      Resources resources,
      Deletions deletions,
      Schemas schemas,
      FieldOwnership ownership,
      PodProxy proxy,
      Access access,
      Scheduler scheduler) {
    this.registry = registry;
    this.access = access;
    this.proxy = proxy;
    this.render = new Render(resources.conversions, new Tables(scheduler.clock()));
    this.reads = new Reads(store, render, scheduler);
    Bodies bodies = new Bodies();
    Patches patches = new Patches(store, resources, ownership, schemas, scheduler.clock());
    this.subresources = new Subresources(resources, deletions, bodies);
    this.connections = new PodConnections(store, reads);
    this.reviews = new Reviews(access, bodies, schemas, ownership, scheduler.clock());
    this.tokenRequests = new TokenRequests(access.tokens(), store, bodies, scheduler.clock());
    this.scales = new Scales(registry, resources, reads, bodies, patches, scheduler.clock());
    this.writes = new Writes(store, resources, deletions, schemas, bodies, patches, reads);
  }

  /** Null when the path is not below a group and version, or of an unknown custom group. */
  public @Nullable Answer handle(KubeRequest sent, Caller caller) {
    KubeRequest request = sent;
    if (request.body().length > BODY_LIMIT) {
      throw ApiFailure.of(
          413, "RequestEntityTooLarge", "Request entity too large: limit is " + BODY_LIMIT);
    }
    RequestPath path = RequestPath.parse(request.path());
    if (path == null || path.resource().isEmpty()) {
      return null;
    }
    ResourceType type = registry.find(path.group(), path.version(), path.resource());
    if (type == null) {
      if (registry.isBuiltIn(path.group())) {
        throw ApiFailure.unknownResource();
      }
      return null;
    }
    boolean wrongScope = path.namespace() != null && !type.namespaced();
    boolean needsNamespace =
        type.namespaced() && path.namespace() == null && isSingular(request, path);
    if (wrongScope || (type.isCustom() && needsNamespace)) {
      if (type.isCustom()) {
        return null;
      }
      throw ApiFailure.unknownResource();
    }
    if (path.subresource() != null && !type.subresources().containsKey(path.subresource())) {
      if (type.isCustom()) {
        return null;
      }
      throw ApiFailure.unknownResource();
    }
    boolean watchable =
        path.name() == null && type.verbs().contains("watch") && request.method().equals("GET");
    if (ProtobufBody.isIn(request) && !type.isCustom() && !request.method().equals("PATCH")) {
      request = ProtobufBody.toJson(request, type.kind());
    }
    Call call =
        new Call(
            request, caller, access, type, path, Accept.parse(request.header("Accept"), watchable));
    if (needsNamespace) {
      throw ApiFailure.methodNotAllowed();
    }
    if (type.group().isEmpty() && type.plural().equals("endpoints")) {
      call.warn("v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice");
    } else if (type.plural().equals("componentstatuses")) {
      call.warn("v1 ComponentStatus is deprecated in v1.19+");
    }
    CustomVersion custom = type.custom();
    if (custom != null) {
      String warning = custom.deprecation();
      if (warning != null) {
        call.warn(warning);
      }
    }
    if (path.subresource() != null && path.subresource().equals("proxy")) {
      return new Answer.Later(
          proxy.proxy(request, type, path.namespace(), call.name(), path.rest()));
    }
    try {
      return dispatch(call);
    } catch (ApiFailure e) {
      return warned(call, e);
    } catch (Refusal e) {
      return warned(call, ApiFailure.of(e));
    }
  }

  /** What was to be warned of is told with a refusal too. */
  private static Answer warned(Call call, ApiFailure failure) {
    KubeResponse response = failure.response();
    if (call.warnings.isEmpty()) {
      return new Answer.Whole(response);
    }
    Map<String, List<String>> headers = new LinkedHashMap<>(response.headers());
    headers.put("Warning", warnings(call));
    return new Answer.Whole(KubeResponse.of(response.status(), headers, response.body()));
  }

  private static boolean isSingular(KubeRequest request, RequestPath path) {
    return path.name() != null || request.method().equals("POST");
  }

  private Answer dispatch(Call call) {
    ResourceType type = call.type;
    String verb = verb(call);
    ResourceType.Subresource subresource = type.subresources().get(call.subresource());
    List<String> verbs = subresource == null ? type.verbs() : subresource.verbs();
    boolean terminating = type.custom() != null && type.custom().terminating();
    if (!verbs.contains(verb) && !(terminating && call.path.subresource() == null)) {
      throw ApiFailure.methodNotAllowed();
    }
    checkNamed(call, verb);
    if (type.storage().equals("pods") && PodConnections.serves(call.subresource())) {
      return new Answer.Whole(connections.connect(call));
    }
    switch (call.subresource()) {
      case "scale" -> {
        return whole(
            call, 200, Json.write(verb.equals("get") ? scales.get(call) : scales.write(call)));
      }
      case "binding" -> {
        subresources.bind(call);
        return whole(call, 201, Json.write(Subresources.success()));
      }
      case "token" -> {
        return whole(call, 201, Json.write(tokenRequests.create(call)));
      }
      case "eviction" -> {
        LOG.debug("evicted {}", subresources.evict(call));
        return whole(call, 201, Json.write(Subresources.success()));
      }
      default -> {
        // All others are views of the whole object.
      }
    }
    if (Reviews.isReview(call)) {
      return whole(call, 201, Json.write(reviews.answer(call)));
    }
    return switch (verb) {
      case "get" -> whole(call, 200, render.one(call, type, reads.get(call)));
      case "list" -> {
        if (call.accept.form() == Accept.Form.PARTIAL) {
          throw ApiFailure.of(
              406,
              "NotAcceptable",
              "you requested PartialObjectMetadata, but the requested object is a list ("
                  + (type.isCustom()
                      ? "*unstructured.UnstructuredList"
                      : "*core." + type.listKind())
                  + ")");
        }
        Reads.Page page = reads.list(call);
        yield whole(call, 200, render.list(call, type, page.objects(), page.metadata()));
      }
      case "watch" -> new Answer.Stream(reads.watch(call), headers(call, "application/json"));
      case "create" -> {
        if (type.storage().equals("bindings")) {
          subresources.bindNamed(call, core("pods"));
          yield whole(call, 201, Json.write(Subresources.success()));
        }
        yield whole(call, 201, render.one(call, type, writes.create(call)));
      }
      case "update" -> written(call, writes.update(call));
      case "patch" -> written(call, writes.patch(call));
      case "delete" -> deleted(call, writes.delete(call));
      case "deletecollection" -> {
        Reads.Page page = writes.deleteCollection(call);
        yield whole(call, 200, render.list(call, type, page.objects(), page.metadata()));
      }
      default -> throw ApiFailure.methodNotAllowed();
    };
  }

  private ResourceType core(String plural) {
    return java.util.Objects.requireNonNull(registry.find("", "v1", plural));
  }

  /** A collection is not put, an object not posted to. */
  private static void checkNamed(Call call, String verb) {
    boolean named = call.path.name() != null;
    boolean needsName = List.of("update", "patch").contains(verb);
    if (!named && needsName && call.type.isCustom()) {
      throw ApiFailure.badRequest("name must be provided");
    }
    boolean posted = verb.equals("create") && call.path.subresource() == null;
    if ((!named && needsName) || (named && posted && !call.type.isCustom())) {
      throw ApiFailure.methodNotAllowed();
    }
  }

  private static String verb(Call call) {
    boolean named = call.path.name() != null;
    return switch (call.request.method()) {
      // HEAD is none of its methods.
      case "GET" ->
          call.path.watch() ? "watch" : named ? "get" : call.flag("watch") ? "watch" : "list";
      case "POST" -> "create";
      case "PUT" -> "update";
      case "PATCH" -> "patch";
      case "DELETE" -> named ? "delete" : "deletecollection";
      default -> "";
    };
  }

  private Answer written(Call call, Resources.Written written) {
    return whole(
        call, written.created() ? 201 : 200, render.one(call, call.type, written.object()));
  }

  private Answer deleted(Call call, Deletions.Deleted deleted) {
    ResourceType type = call.type;
    if (!deleted.gone() || writes.resources().strategies.of(type).returnsDeletedObject()) {
      return whole(call, 200, render.one(call, type, deleted.object()));
    }
    StoredObject object = deleted.object();
    Map<String, Object> details = Json.objectOf("name", object.name());
    if (!type.group().isEmpty()) {
      details.put("group", type.group());
    }
    details.put("kind", type.plural());
    details.put("uid", object.uid());
    return whole(
        call,
        200,
        Json.write(
            Json.objectOf(
                "kind",
                "Status",
                "apiVersion",
                "v1",
                "metadata",
                Json.newObject(),
                "status",
                "Success",
                "details",
                details)));
  }

  private static Answer whole(Call call, int status, byte[] body) {
    boolean yaml = call.accept.yaml();
    byte[] content =
        yaml
            ? new Dump(YAML_SETTINGS)
                .dumpToString(Json.parse(body))
                .getBytes(StandardCharsets.UTF_8)
            : body;
    return new Answer.Whole(
        KubeResponse.of(
            status, headers(call, yaml ? "application/yaml" : "application/json"), content));
  }

  private static Map<String, List<String>> headers(Call call, String contentType) {
    Map<String, List<String>> headers = new LinkedHashMap<>();
    headers.put("Content-Type", List.of(contentType));
    if (!call.warnings.isEmpty()) {
      headers.put("Warning", warnings(call));
    }
    return headers;
  }

  private static List<String> warnings(Call call) {
    List<String> lines = new ArrayList<>();
    for (String warning : call.warnings) {
      lines.add("299 - \"" + warning.replace("\\", "\\\\").replace("\"", "\\\"") + "\"");
    }
    return lines;
  }
}
