package sh.kaito.testkit.internal.apiserver.auth;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.time.Clock;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.apiserver.Caller;
import sh.kaito.testkit.internal.apiserver.Ids;
import sh.kaito.testkit.internal.apiserver.storage.Store;
import sh.kaito.testkit.internal.apiserver.storage.StoredObject;
import sh.kaito.testkit.internal.json.Json;
import sh.kaito.testkit.internal.json.JsonParseException;

/**
 * Bound service account tokens: JWTs signed with a key of this server's own (ES256), with the
 * claims that kube-apiserver writes. One is good as long as it is not expired, and as long as the
 * service account and the object that it is bound to are there. Thread-safe.
 */
public final class ServiceAccountTokens {
  /** The issuer, and the audience of tokens that name none. */
  public static final String ISSUER = "https://kubernetes.default.svc.cluster.local";

  private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();
  private static final String EXTRA = "authentication.kubernetes.io/";

  /** What a token is to say. */
  public record Claims(
      StoredObject account,
      List<String> audiences,
      long expirationSeconds,
      @Nullable String boundKind,
      @Nullable StoredObject boundTo) {}

  /** A token and when it ends. */
  public record Issued(String token, Instant expires) {
    @Override
    public String toString() {
      return "Issued[expires=" + expires + ", token hidden]";
    }
  }

  /** Whose a token is, and for which audiences. */
  record Verified(Caller caller, List<String> audiences) {}

  private final Store store;
  private final Clock clock;
  private final Ids ids;
  private @Nullable KeyPair keys;

  public ServiceAccountTokens(Store store, Clock clock, Ids ids) {
    this.store = store;
    this.clock = clock;
    this.ids = ids;
  }

  /** Made when first needed: most servers issue no token. */
  private synchronized KeyPair keys() throws GeneralSecurityException {
    if (keys == null) {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      keys = generator.generateKeyPair();
    }
    return keys;
  }

  /** Issues a token. */
  public Issued issue(Claims claims) {
    Instant now = clock.instant();
    Instant expires = now.plusSeconds(claims.expirationSeconds());
    StoredObject account = claims.account();
    Map<String, Object> kubernetes = Json.objectOf("namespace", account.namespace());
    StoredObject bound = claims.boundTo();
    if (bound != null && claims.boundKind() != null) {
      kubernetes.put(claims.boundKind(), reference(bound));
    }
    kubernetes.put("serviceaccount", reference(account));
    Map<String, Object> payload =
        Json.objectOf(
            "aud",
            List.copyOf(claims.audiences()),
            "exp",
            expires.getEpochSecond(),
            "iat",
            now.getEpochSecond(),
            "iss",
            ISSUER,
            "jti",
            ids.uid(),
            "kubernetes.io",
            kubernetes,
            "nbf",
            now.getEpochSecond(),
            "sub",
            "system:serviceaccount:" + account.namespace() + ":" + account.name());
    try {
      String signed =
          encoded(Json.objectOf("alg", "ES256", "kid", keyId())) + "." + encoded(payload);
      Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
      signature.initSign(keys().getPrivate());
      signature.update(signed.getBytes(StandardCharsets.US_ASCII));
      return new Issued(signed + "." + ENCODER.encodeToString(signature.sign()), expires);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java cannot sign with P-256: " + e.getMessage(), e);
    }
  }

  private String keyId() throws GeneralSecurityException {
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(keys().getPublic().getEncoded());
    return ENCODER.encodeToString(hash);
  }

  private static Map<String, Object> reference(StoredObject object) {
    return Json.objectOf("name", object.name(), "uid", object.uid());
  }

  private static String encoded(Map<String, Object> json) {
    return ENCODER.encodeToString(Json.write(json));
  }

  /** Whose a token is; null when it is none of this server's, or no longer good. */
  @Nullable Verified verify(String token) {
    String[] parts = token.split("\\.", -1);
    if (parts.length != 3) {
      return null;
    }
    try {
      Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
      signature.initVerify(keys().getPublic());
      signature.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
      if (!signature.verify(Base64.getUrlDecoder().decode(parts[2]))) {
        return null;
      }
      return verified(Json.parse(Base64.getUrlDecoder().decode(parts[1])));
    } catch (GeneralSecurityException | IllegalArgumentException | JsonParseException e) {
      // Whatever it is, it is no token of this server.
      return null;
    }
  }

  private @Nullable Verified verified(@Nullable Object payload) {
    if (Json.integer(payload, 0, "exp") <= clock.instant().getEpochSecond()) {
      return null;
    }
    Object kubernetes = Json.get(payload, "kubernetes.io");
    String namespace = Json.text(kubernetes, "namespace");
    StoredObject account =
        live("serviceaccounts", namespace, Json.get(kubernetes, "serviceaccount"));
    if (account == null) {
      return null;
    }
    Map<String, List<String>> extra = new LinkedHashMap<>();
    extra.put(EXTRA + "credential-id", List.of("JTI=" + Json.text(payload, "jti")));
    for (String kind : List.of("pod", "secret", "node")) {
      Object reference = Json.get(kubernetes, kind);
      if (reference == null) {
        continue;
      }
      if (live(kind + "s", kind.equals("node") ? "" : namespace, reference) == null) {
        return null;
      }
      if (!kind.equals("secret")) {
        extra.put(EXTRA + kind + "-name", List.of(Json.text(reference, "name")));
        extra.put(EXTRA + kind + "-uid", List.of(Json.text(reference, "uid")));
      }
    }
    List<Object> audiences = Json.list(payload, "aud");
    return new Verified(
        Caller.serviceAccount(namespace, account.name(), account.uid(), extra),
        audiences == null ? List.of() : audiences.stream().map(String::valueOf).toList());
  }

  private @Nullable StoredObject live(
      String storage, String namespace, @Nullable Object reference) {
    String name = Json.text(reference, "name");
    StoredObject object = store.get(storage, namespace.isEmpty() ? name : namespace + "/" + name);
    return object != null && object.uid().equals(Json.text(reference, "uid")) ? object : null;
  }
}
