package sh.kaito.testkit.internal.apiserver.auth;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.apiserver.Caller;

/**
 * Users with a bearer token each, as {@code --token-auth-file} gives them to kube-apiserver. The
 * administrator is always there and is number one. Immutable once the server runs.
 */
public final class Users {
  /** The user of group {@code system:masters} whom every server has. */
  public static final String ADMIN = "admin";

  private record User(Caller caller, String token) {}

  private final Map<String, User> byName = new LinkedHashMap<>();

  public Users() {
    byte[] secret = new byte[24];
    new SecureRandom().nextBytes(secret);
    add(
        ADMIN,
        Base64.getUrlEncoder().withoutPadding().encodeToString(secret),
        List.of(Caller.MASTERS));
  }

  /**
   * Adds a user, whose uid is the number of users so far; the same name again gets another token
   * and other groups.
   */
  public void add(String name, String token, List<String> groups) {
    for (Map.Entry<String, User> entry : byName.entrySet()) {
      if (!entry.getKey().equals(name) && entry.getValue().token().equals(token)) {
        throw new IllegalArgumentException(
            "users " + entry.getKey() + " and " + name + " have the same token");
      }
    }
    List<String> memberOf = new ArrayList<>(groups);
    if (name.equals(ADMIN) && !memberOf.contains(Caller.MASTERS)) {
      memberOf.add(Caller.MASTERS);
    }
    User before = byName.get(name);
    String uid = before == null ? Integer.toString(byName.size() + 1) : before.caller().uid();
    byName.put(name, new User(Caller.user(name, uid, memberOf), token));
  }

  /** The user of a name; null when there is none. */
  public @Nullable Caller named(String name) {
    User user = byName.get(name);
    return user == null ? null : user.caller();
  }

  /** The administrator. */
  public Caller admin() {
    Caller admin = named(ADMIN);
    if (admin == null) {
      throw new IllegalStateException("the administrator is added first and never removed");
    }
    return admin;
  }

  /** The token of a user; null when there is no such user. */
  public @Nullable String tokenOf(String name) {
    User user = byName.get(name);
    return user == null ? null : user.token();
  }

  /** Names of all users, in the order they were added. */
  public Set<String> names() {
    return byName.keySet();
  }

  /** The user whom a token belongs to; null when it is nobody's. */
  @Nullable Caller ofToken(String token) {
    byte[] sent = token.getBytes(StandardCharsets.UTF_8);
    for (User user : byName.values()) {
      if (MessageDigest.isEqual(sent, user.token().getBytes(StandardCharsets.UTF_8))) {
        return user.caller();
      }
    }
    return null;
  }
}
