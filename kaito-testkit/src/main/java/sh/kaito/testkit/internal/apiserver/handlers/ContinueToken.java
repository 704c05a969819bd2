package sh.kaito.testkit.internal.apiserver.handlers;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import sh.kaito.testkit.internal.apiserver.ApiFailure;
import sh.kaito.testkit.internal.json.Json;
import sh.kaito.testkit.internal.json.JsonParseException;

/**
 * Where a list goes on.
 *
 * @param revision of the snapshot that is read; -1 for the newest
 * @param after key of the last object that has been read
 */
record ContinueToken(long revision, String after) {
  private static final String VERSION = "meta.k8s.io/v1";
  private static final String INVALID = "invalid continue token: continue key is not valid: ";
  private static final String ALPHABET =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

  /** As the token of a list's metadata. */
  String encode() {
    byte[] json =
        Json.write(Json.objectOf("v", VERSION, "rv", revision, "start", after + "\u0000"));
    return Base64.getUrlEncoder().withoutPadding().encodeToString(json);
  }

  /**
   * Reads a token of a client.
   *
   * @throws ApiFailure 400
   */
  static ContinueToken decode(String text) {
    int illegal = 0;
    while (illegal < text.length() && ALPHABET.indexOf(text.charAt(illegal)) >= 0) {
      illegal++;
    }
    if (illegal < text.length() || text.length() % 4 == 1) {
      int at = illegal < text.length() ? illegal : text.length() - 1;
      throw ApiFailure.badRequest(INVALID + "illegal base64 data at input byte " + at);
    }
    Object token;
    try {
      token = Json.parse(new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8));
    } catch (JsonParseException e) {
      throw ApiFailure.badRequest(INVALID + e.getMessage());
    }
    String version = Json.text(token, "v");
    if (!version.equals(VERSION)) {
      throw ApiFailure.badRequest(
          INVALID + "server does not recognize this encoded version " + version);
    }
    long revision = Json.integer(token, 0, "rv");
    if (revision == 0) {
      throw ApiFailure.badRequest(
          INVALID + "incorrect encoded start resourceVersion (version " + VERSION + ")");
    }
    String start = Json.text(token, "start");
    if (start.isEmpty()) {
      throw ApiFailure.badRequest(INVALID + "encoded start key empty (version " + VERSION + ")");
    }
    if (("/" + start + "/").matches(".*/(\\.{0,2})/.*")) {
      throw ApiFailure.badRequest(INVALID + start);
    }
    return new ContinueToken(
        revision, start.endsWith("\u0000") ? start.substring(0, start.length() - 1) : start);
  }
}
