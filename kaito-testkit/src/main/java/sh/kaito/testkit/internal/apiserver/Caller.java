package sh.kaito.testkit.internal.apiserver;

import java.util.List;

/**
 * Who sends a request.
 *
 * @param name user name
 * @param uid user id; empty when unknown
 * @param groups groups, {@code system:masters} may do everything
 */
public record Caller(String name, String uid, List<String> groups) {
  /** The server's own controllers. */
  public static final Caller SYSTEM =
      new Caller("system:apiserver", "", List.of("system:masters", "system:authenticated"));
}
