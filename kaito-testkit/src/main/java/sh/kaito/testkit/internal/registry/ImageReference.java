package sh.kaito.testkit.internal.registry;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The name of an image as pods and tools write it. A first part without dot, colon and {@code
 * localhost} is no registry but part of a repository of docker.io, as in every container runtime.
 *
 * @param registry host, with port where one is named
 * @param repository path below the registry
 * @param reference tag, or digest where there is an {@code @}
 */
public record ImageReference(String registry, String repository, String reference) {
  /** What a repository may be called (distribution spec 1.1, "Pulling manifests"). */
  private static final Pattern REPOSITORY =
      Pattern.compile(
          "[a-z0-9]++(?:(?:\\.|_|__|-++)[a-z0-9]++)*+(?:/[a-z0-9]++(?:(?:\\.|_|__|-++)[a-z0-9]++)*+)*+");

  private static final Pattern TAG = Pattern.compile("[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}");

  /** Reads a name; empty when no runtime would take it. */
  public static Optional<ImageReference> parse(String image) {
    int slash = image.indexOf('/');
    String first = slash < 0 ? "" : image.substring(0, slash);
    boolean named = first.contains(".") || first.contains(":") || first.equals("localhost");
    String registry = named ? first : "docker.io";
    String rest = named ? image.substring(slash + 1) : slash < 0 ? "library/" + image : image;
    int at = rest.indexOf('@');
    String reference = at < 0 ? "" : rest.substring(at + 1);
    String path = at < 0 ? rest : rest.substring(0, at);
    int colon = path.lastIndexOf(':');
    String tag = colon < 0 ? "latest" : path.substring(colon + 1);
    String repository = colon < 0 ? path : path.substring(0, colon);
    boolean good =
        isRepository(repository) && isTag(tag) && (at < 0 || Digest.isWellFormed(reference));
    return good
        ? Optional.of(new ImageReference(registry, repository, at < 0 ? tag : reference))
        : Optional.empty();
  }

  static boolean isRepository(String name) {
    return name.length() <= 255 && REPOSITORY.matcher(name).matches();
  }

  static boolean isTag(String tag) {
    return TAG.matcher(tag).matches();
  }
}
