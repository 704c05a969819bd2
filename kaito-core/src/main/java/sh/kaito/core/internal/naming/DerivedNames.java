package sh.kaito.core.internal.naming;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import sh.kaito.api.model.KaitoApi;
import sh.kaito.api.model.TuningMethod;

/**
 * Names that Kubernetes accepts, made from names that it may not accept. A name that fits stays as
 * it is, because that is what people and other tools look for. Any other one is cut and ends in
 * {@code -x} and ten digits of a hash of the whole: different names stay different, in length, in
 * case, and against names that only look like one of ours.
 */
public final class DerivedNames {
  /** DNS label: container, volume, Service. */
  private static final int LABEL = 63;

  /**
   * The controller of StatefulSets writes {@code NAME-HASH}, with a hash of up to ten characters,
   * into a label of the pods; a longer name makes a set that never gets a pod.
   */
  private static final int STATEFUL_SET = 52;

  private static final Pattern DNS_LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?");
  private static final Pattern DERIVED = Pattern.compile(".*-x[0-9a-f]{10}");
  private static final int HASH_DIGITS = 10;

  /** Containers that stand beside the one that carries the workspace's name. */
  private static final Set<String> OTHER_CONTAINERS =
      Set.of(
          "cuda-toolkit-provisioner",
          "data-downloader",
          "data-extractor",
          "model-weights-downloader",
          "puller",
          "pusher");

  private DerivedNames() {}

  /** The container that runs the model: it is called like the workspace. */
  public static String mainContainer(String workspace) {
    return OTHER_CONTAINERS.contains(workspace) ? "main-" + workspace : workspace;
  }

  /** The StatefulSet of a workspace; at most 52 characters. */
  public static String statefulSet(String workspace) {
    return fit(workspace, STATEFUL_SET);
  }

  /** The headless Service of a workspace; at most 63 characters. */
  public static String headlessService(String workspace) {
    return fit(workspace + KaitoApi.HEADLESS_SERVICE_SUFFIX, LABEL);
  }

  /** The ConfigMap with the default training settings of a workspace. */
  public static String trainingConfig(String workspace, TuningMethod method) {
    return fit(workspace + "-" + method.wireName() + "-params", LABEL);
  }

  /** A container or volume; at most 63 characters. */
  public static String label(String wanted) {
    return fit(wanted, LABEL);
  }

  private static String fit(String wanted, int limit) {
    if (wanted.length() <= limit
        && DNS_LABEL.matcher(wanted).matches()
        && !DERIVED.matcher(wanted).matches()) {
      return wanted;
    }
    String suffix = "-x" + hash(wanted);
    StringBuilder head = new StringBuilder();
    String lower = wanted.toLowerCase(Locale.ROOT);
    for (int i = 0; i < lower.length() && head.length() < limit - suffix.length(); i++) {
      char c = lower.charAt(i);
      boolean alphanumeric = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
      if (alphanumeric) {
        head.append(c);
      } else if (head.length() > 0) {
        head.append('-');
      }
    }
    return (head.length() == 0 ? "n" : head) + suffix;
  }

  private static String hash(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest).substring(0, HASH_DIGITS);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
