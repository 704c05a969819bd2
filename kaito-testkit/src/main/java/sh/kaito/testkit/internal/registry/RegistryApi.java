package sh.kaito.testkit.internal.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.testkit.PodHandler;
import sh.kaito.testkit.internal.registry.RegistryStore.StoredManifest;
import sh.kaito.testkit.internal.sim.Objects;

/**
 * The endpoints of the OCI distribution spec 1.1 (its table "Endpoints", end-1 to end-12b), besides
 * deletion. One request at a time.
 */
public final class RegistryApi implements PodHandler {
  private static final Pattern BLOB = Pattern.compile("/v2/(.+)/blobs/([^/]+)");
  private static final Pattern UPLOADS = Pattern.compile("/v2/(.+)/blobs/uploads/");
  private static final Pattern UPLOAD = Pattern.compile("/v2/(.+)/blobs/uploads/([^/]+)");
  private static final Pattern MANIFEST = Pattern.compile("/v2/(.+)/manifests/([^/]+)");
  private static final Pattern TAGS = Pattern.compile("/v2/(.+)/tags/list");
  private static final Pattern REFERRERS = Pattern.compile("/v2/(.+)/referrers/([^/]+)");
  private static final Pattern RANGE = Pattern.compile("(?:bytes[ =])?(\\d{1,18})-(\\d{1,18})");
  private static final String INDEX = "application/vnd.oci.image.index.v1+json";

  /** The spec asks for 4 MiB at least. */
  private static final int MANIFEST_LIMIT = 4 << 20;

  private final RegistryStore store;
  private final RegistryAccess access;
  private final int bodyLimit;
  private boolean available = true;

  /**
   * A registry that holds nothing yet.
   *
   * @param capacity bytes in all
   * @param bodyLimit bytes of one request; a client sends more in chunks
   */
  RegistryApi(RegistryAccess access, long capacity, int bodyLimit) {
    this.store = new RegistryStore(capacity);
    this.access = access;
    this.bodyLimit = bodyLimit;
  }

  /** A registry that holds nothing yet; see {@link RegistryAccess} for who may do what. */
  public static RegistryApi create(
      java.util.Map<String, String> users,
      boolean anonymousPull,
      boolean tokens,
      long capacity,
      int bodyLimit) {
    return new RegistryApi(new RegistryAccess(users, anonymousPull, tokens), capacity, bodyLimit);
  }

  /** While it is not, every request is answered with 503. */
  public synchronized void setAvailable(boolean value) {
    available = value;
  }

  /** Names of all repositories, sorted. */
  public synchronized List<String> repositories() {
    return store.repositories();
  }

  /** Tags of a repository, sorted. */
  public synchronized List<String> tags(String repository) {
    return store.tags(repository);
  }

  /** Digest of a manifest; empty when there is none. */
  public synchronized Optional<String> digest(String repository, String reference) {
    return store.manifest(repository, reference).map(StoredManifest::digest);
  }

  @Override
  public synchronized KubeResponse handle(KubeRequest request) {
    return available
        ? handle(request, access)
        : Replies.error(503, "UNAVAILABLE", "the simulated registry is down").build();
  }

  /** As its owner, who may do everything, also while it answers nobody. */
  public synchronized KubeResponse handleAsOwner(KubeRequest request) {
    return handle(request, RegistryAccess.EVERYBODY);
  }

  private KubeResponse handle(KubeRequest request, RegistryAccess access) {
    String path = request.path();
    if (path.equals("/token")) {
      return access.exchange(request);
    }
    if (path.equals("/v2/") || path.equals("/v2")) {
      return access
          .refusal(request, "")
          .orElseGet(() -> Replies.json(200, Objects.object()).build());
    }
    for (Pattern route : List.of(UPLOADS, UPLOAD, BLOB, MANIFEST, TAGS, REFERRERS)) {
      Matcher matcher = route.matcher(path);
      if (matcher.matches()) {
        String repository = matcher.group(1);
        if (!ImageReference.isRepository(repository)) {
          return Replies.error(400, "NAME_INVALID", "invalid repository name").build();
        }
        if (request.body().length > bodyLimit) {
          return Replies.error(
                  413, "SIZE_INVALID", "at most " + bodyLimit + " bytes at once; send chunks")
              .build();
        }
        return access
            .refusal(request, repository)
            .orElseGet(() -> answer(request, route, repository, matcher).build());
      }
    }
    return Replies.error(404, "UNSUPPORTED", "no such endpoint in a simulated registry").build();
  }

  private Replies answer(KubeRequest request, Pattern route, String repository, Matcher matcher) {
    if (route == UPLOADS) {
      return request.method().equals("POST")
          ? begin(request, repository)
          : Replies.methodNotAllowed("POST");
    } else if (route == UPLOAD) {
      return upload(request, repository, matcher.group(2));
    } else if (route == BLOB) {
      return reads(request)
          ? blob(repository, matcher.group(2))
          : Replies.methodNotAllowed("GET, HEAD");
    } else if (route == MANIFEST) {
      return manifest(request, repository, matcher.group(2));
    } else if (!request.method().equals("GET")) {
      return Replies.methodNotAllowed("GET");
    }
    return route == TAGS ? tags(request, repository) : referrers(repository, matcher.group(2));
  }

  private static boolean reads(KubeRequest request) {
    return request.method().equals("GET") || request.method().equals("HEAD");
  }

  private Replies blob(String repository, String digest) {
    if (!Digest.isWellFormed(digest)) {
      return invalidDigest();
    }
    return store
        .blob(repository, digest)
        .map(
            content ->
                Replies.of(200)
                    .body("application/octet-stream", content)
                    .header("Docker-Content-Digest", digest))
        .orElseGet(() -> Replies.error(404, "BLOB_UNKNOWN", "blob unknown to registry"));
  }

  private Replies begin(KubeRequest request, String repository) {
    Optional<String> mount = request.query("mount");
    Optional<String> from = request.query("from");
    if (mount.isPresent() && from.isPresent() && store.mount(from.get(), repository, mount.get())) {
      return created(repository, "blobs", mount.get());
    }
    Optional<String> digest = request.query("digest");
    if (digest.isPresent()) {
      return keep(repository, digest.get(), request.body());
    }
    String id = store.begin(repository);
    return Replies.of(202)
        .header("Location", "/v2/" + repository + "/blobs/uploads/" + id)
        .header("Range", "0-0");
  }

  private Replies upload(KubeRequest request, String repository, String id) {
    Optional<RegistryStore.Upload> found = store.upload(repository, id);
    if (found.isEmpty()) {
      return Replies.error(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry");
    }
    RegistryStore.Upload upload = found.get();
    switch (request.method()) {
      case "GET":
        return progress(204, repository, id, upload);
      case "DELETE":
        store.end(id);
        return Replies.of(204);
      case "PATCH":
        if (!continues(request, upload)) {
          return progress(416, repository, id, upload);
        }
        return store.append(upload, request.body())
            ? progress(202, repository, id, upload)
            : full();
      case "PUT":
        Optional<String> digest = request.query("digest");
        if (digest.isEmpty()) {
          return invalidDigest();
        }
        if (!continues(request, upload)) {
          return progress(416, repository, id, upload);
        }
        if (!store.append(upload, request.body())) {
          return full();
        }
        return keep(repository, digest.get(), store.end(id));
      default:
        return Replies.methodNotAllowed("GET, PATCH, PUT, DELETE");
    }
  }

  /** Whether a chunk begins where the last one ended; a request without range goes on there. */
  private static boolean continues(KubeRequest request, RegistryStore.Upload upload) {
    Optional<String> range = request.header("Content-Range");
    if (range.isEmpty()) {
      return true;
    }
    Matcher matcher = RANGE.matcher(range.get());
    return matcher.matches()
        && Long.parseLong(matcher.group(1)) == upload.size()
        && Long.parseLong(matcher.group(2)) == upload.size() + request.body().length - 1L;
  }

  private static Replies progress(
      int status, String repository, String id, RegistryStore.Upload upload) {
    return Replies.of(status)
        .header("Location", "/v2/" + repository + "/blobs/uploads/" + id)
        .header("Range", "0-" + Math.max(0, upload.size() - 1));
  }

  private Replies keep(String repository, String digest, byte[] content) {
    if (!Digest.isWellFormed(digest)) {
      return invalidDigest();
    }
    if (!Digest.fits(digest, content)) {
      return Replies.error(400, "DIGEST_INVALID", "provided digest did not match uploaded content");
    }
    return store.putBlob(repository, digest, content)
        ? created(repository, "blobs", digest)
        : full();
  }

  private static Replies created(String repository, String kind, String digest) {
    return Replies.of(201)
        .header("Location", "/v2/" + repository + "/" + kind + "/" + digest)
        .header("Docker-Content-Digest", digest);
  }

  private static Replies invalidDigest() {
    return Replies.error(400, "DIGEST_INVALID", "the digest is missing or malformed");
  }

  private static Replies full() {
    return Replies.error(413, "SIZE_INVALID", "the simulated registry is full");
  }

  private Replies manifest(KubeRequest request, String repository, String reference) {
    if (!Digest.isWellFormed(reference) && !ImageReference.isTag(reference)) {
      return Replies.error(400, "MANIFEST_INVALID", "neither a tag nor a digest");
    }
    if (request.method().equals("PUT")) {
      return putManifest(request, repository, reference);
    }
    if (!reads(request)) {
      return Replies.methodNotAllowed("GET, HEAD, PUT");
    }
    Optional<StoredManifest> found = store.manifest(repository, reference);
    if (found.isEmpty()) {
      return store.hasRepository(repository)
          ? Replies.error(404, "MANIFEST_UNKNOWN", "manifest unknown")
          : Replies.error(404, "NAME_UNKNOWN", "repository name not known to registry");
    }
    return Replies.of(200)
        .body(found.get().mediaType(), found.get().content())
        .header("Docker-Content-Digest", found.get().digest());
  }

  private Replies putManifest(KubeRequest request, String repository, String reference) {
    byte[] content = request.body();
    if (content.length > MANIFEST_LIMIT) {
      return Replies.error(413, "SIZE_INVALID", "a manifest has at most 4 MiB");
    }
    JsonNode tree;
    try {
      tree = Objects.MAPPER.readTree(content);
    } catch (IOException e) {
      tree = Objects.MAPPER.missingNode();
    }
    if (!tree.isObject()) {
      return Replies.error(400, "MANIFEST_INVALID", "the manifest is no JSON object");
    }
    String declared = tree.path("mediaType").asText();
    String mediaType = request.header("Content-Type").orElse("");
    if (mediaType.isEmpty() || (!declared.isEmpty() && !declared.equals(mediaType))) {
      return Replies.error(
          400, "MANIFEST_INVALID", "Content-Type is not the mediaType of the manifest");
    }
    String digest = Digest.of(content);
    if (reference.contains(":")) {
      if (!Digest.fits(reference, content)) {
        return Replies.error(
            400, "DIGEST_INVALID", "provided digest did not match uploaded content");
      }
      digest = reference;
    }
    for (JsonNode descriptor : descriptors(tree)) {
      if (store.blob(repository, descriptor.path("digest").asText()).isEmpty()) {
        return Replies.error(
            404,
            "MANIFEST_BLOB_UNKNOWN",
            "manifest references a blob that was not pushed: "
                + descriptor.path("digest").asText());
      }
    }
    if (!store.putManifest(repository, reference, new StoredManifest(mediaType, content, digest))) {
      return full();
    }
    Replies reply = created(repository, "manifests", digest);
    String subject = tree.path("subject").path("digest").asText();
    return subject.isEmpty() ? reply : reply.header("OCI-Subject", subject);
  }

  private static List<JsonNode> descriptors(JsonNode manifest) {
    List<JsonNode> result = new ArrayList<>();
    if (manifest.has("config")) {
      result.add(manifest.path("config"));
    }
    manifest.path("layers").forEach(result::add);
    return result;
  }

  private Replies tags(KubeRequest request, String repository) {
    if (!store.hasRepository(repository)) {
      return Replies.error(404, "NAME_UNKNOWN", "repository name not known to registry");
    }
    List<String> tags = store.tags(repository);
    String last = request.query("last").orElse("");
    List<String> rest = tags.stream().filter(tag -> tag.compareTo(last) > 0).toList();
    Optional<String> wanted = request.query("n");
    if (wanted.isPresent() && !wanted.get().matches("\\d{1,6}")) {
      return Replies.error(400, "UNSUPPORTED", "n is a number from 0 to 999999");
    }
    int n = wanted.map(Integer::parseInt).orElse(rest.size());
    List<String> page = rest.subList(0, Math.min(n, rest.size()));
    ObjectNode body = Objects.object().put("name", repository);
    ArrayNode list = body.putArray("tags");
    page.forEach(list::add);
    Replies reply = Replies.json(200, body);
    return page.isEmpty() || page.size() == rest.size()
        ? reply
        : reply.header(
            "Link",
            "</v2/"
                + repository
                + "/tags/list?n="
                + n
                + "&last="
                + URLEncoder.encode(page.get(page.size() - 1), StandardCharsets.UTF_8)
                + ">; rel=\"next\"");
  }

  private Replies referrers(String repository, String digest) {
    if (!Digest.isWellFormed(digest)) {
      return invalidDigest();
    }
    ObjectNode index = Objects.object().put("schemaVersion", 2).put("mediaType", INDEX);
    ArrayNode list = index.putArray("manifests");
    for (StoredManifest manifest : store.manifests(repository)) {
      JsonNode tree = tree(manifest);
      if (tree.path("subject").path("digest").asText().equals(digest)) {
        String type = tree.path("artifactType").asText();
        list.addObject()
            .put("mediaType", manifest.mediaType())
            .put("digest", manifest.digest())
            .put("size", manifest.content().length)
            .put("artifactType", type.isEmpty() ? config(tree) : type);
      }
    }
    return Replies.of(200).body(INDEX, Objects.bytes(index));
  }

  private static String config(JsonNode manifest) {
    return manifest.path("config").path("mediaType").asText();
  }

  private static JsonNode tree(StoredManifest manifest) {
    try {
      return Objects.MAPPER.readTree(manifest.content());
    } catch (IOException e) {
      throw new IllegalStateException("a manifest was checked when it was pushed", e);
    }
  }
}
