package sh.kaito.testkit.internal.apiserver;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who sends a request.
 *
 * @param name user name
 * @param uid user id; empty when unknown
 * @param groups groups, {@code system:masters} may do everything
 * @param extra what else an authenticator says, by key
 */
public record Caller(
    String name, String uid, List<String> groups, Map<String, List<String>> extra) {
  public static final String MASTERS = "system:masters";
  public static final String AUTHENTICATED = "system:authenticated";
  public static final String UNAUTHENTICATED = "system:unauthenticated";

  private static final String SERVICE_ACCOUNT = "system:serviceaccount:";

  /** Who sends no credentials where those are asked for. */
  public static final Caller ANONYMOUS =
      new Caller("system:anonymous", "", List.of(UNAUTHENTICATED), Map.of());

  public Caller {
    groups = List.copyOf(groups);
    extra = Map.copyOf(extra);
  }

  /** An authenticated user. */
  public static Caller user(String name, String uid, List<String> groups) {
    List<String> all = new ArrayList<>(groups);
    if (!all.contains(AUTHENTICATED)) {
      all.add(AUTHENTICATED);
    }
    return new Caller(name, uid, all, Map.of());
  }

  /** The user that a service account is. */
  public static Caller serviceAccount(
      String namespace, String name, String uid, Map<String, List<String>> extra) {
    List<String> groups = new ArrayList<>(serviceAccountGroups(namespace));
    groups.add(AUTHENTICATED);
    return new Caller(SERVICE_ACCOUNT + namespace + ":" + name, uid, groups, extra);
  }

  /** The groups of all service accounts of a namespace, without {@code system:authenticated}. */
  public static List<String> serviceAccountGroups(String namespace) {
    return List.of("system:serviceaccounts", "system:serviceaccounts:" + namespace);
  }

  /**
   * Takes {@code system:serviceaccount:NAMESPACE:NAME} apart.
   *
   * @return namespace and name; null when it is not the user name of a service account
   */
  public static String @Nullable [] splitServiceAccount(String user) {
    if (!user.startsWith(SERVICE_ACCOUNT)) {
      return null;
    }
    String[] parts = user.substring(SERVICE_ACCOUNT.length()).split(":", -1);
    boolean valid =
        parts.length == 2 && Names.label(parts[0]).isEmpty() && Names.subdomain(parts[1]).isEmpty();
    return valid ? parts : null;
  }
}
