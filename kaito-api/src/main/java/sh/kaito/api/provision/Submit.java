package sh.kaito.api.provision;

import java.util.Optional;

/** What became of one write to a cloud. Closed: there is nothing else that can become of it. */
public sealed interface Submit {

  /**
   * The cloud has taken it on; it may still fail later, and the pool's state will say so.
   *
   * @param pool the pool as the answer showed it, where it did
   */
  record Accepted(Optional<PoolView> pool) implements Submit {}

  /**
   * The name is taken, by us or by somebody else; nothing was changed.
   *
   * @param pool the pool that has the name, where the answer showed it
   */
  record AlreadyExists(Optional<PoolView> pool) implements Submit {}

  /** There is no such pool (any more). */
  record Gone() implements Submit {}

  /**
   * Refused; nothing was changed.
   *
   * @param failure why, and whether trying again helps
   */
  record Rejected(ProvisionFailure failure) implements Submit {}

  /**
   * No answer, or one that does not tell: it may have taken effect, or may yet. The pool must be
   * read by name before anything else is done about it.
   *
   * @param failure what was seen of the trouble
   */
  record InDoubt(ProvisionFailure failure) implements Submit {}
}
