package sh.kaito.testkit.internal.apiserver.auth;

import java.util.List;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.apiserver.Caller;

/**
 * What a connection tells about the client before any request: nothing, a user, or that the
 * certificate it showed is no good.
 *
 * @param caller null when nothing is known
 * @param refused whether what it showed is no good
 */
public record Peer(@Nullable Caller caller, boolean refused) {
  /** A connection without a certificate. */
  public static final Peer UNKNOWN = new Peer(null, false);

  /** A connection with a certificate of another authority, or an outdated one. */
  public static final Peer REFUSED = new Peer(null, true);

  /** A connection of a user. */
  public static Peer of(Caller caller) {
    return new Peer(caller, false);
  }

  /** The user of a client certificate: its common name, its organisations as groups. */
  public static Peer ofCertificate(String commonName, List<String> organisations) {
    return of(Caller.user(commonName, "", organisations));
  }
}
