package sh.kaito.testkit.internal.registry;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/** Content addresses, {@code sha256:<hex>} (image spec, "Descriptor digests"). */
final class Digest {
  private static final Pattern FORM = Pattern.compile("sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}");

  private Digest() {}

  static boolean isWellFormed(String digest) {
    return FORM.matcher(digest).matches();
  }

  static String of(byte[] content) {
    return of("sha256", content);
  }

  /** Whether a well-formed digest is that of the content. */
  static boolean fits(String digest, byte[] content) {
    return of(digest.substring(0, digest.indexOf(':')), content).equals(digest);
  }

  private static String of(String algorithm, byte[] content) {
    try {
      MessageDigest digest =
          MessageDigest.getInstance(algorithm.equals("sha512") ? "SHA-512" : "SHA-256");
      return algorithm + ":" + HexFormat.of().formatHex(digest.digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256 and SHA-512", e);
    }
  }
}
