package sh.kaito.api.provision;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * A cloud's pools of machines, one short request at a time. It is much less than a {@link
 * NodeProvisioner}: no state, no waiting, no retry, no decision. Names, epochs, adoption, back-off
 * and the proof that nothing is left are the business of the pool engine above it, the same for all
 * clouds.
 *
 * <p><b>One request.</b> Each stage completes after one round to the cloud, or when the time-out of
 * that round is over; a long-running operation is submitted and not waited for, because the state
 * of the pool tells what became of it. Nothing blocks the caller, and no {@code Retry-After} is
 * waited for here: it is reported.
 *
 * <p><b>Failures are values.</b> A stage of {@link #list} or {@link #get} completes exceptionally
 * only with a {@link PoolReadException}; writes answer with a {@link Submit}. The texts of a cloud
 * are matched in one classifier of the driver, nowhere else.
 *
 * <p>Thread-safe.
 */
public interface PoolDriver extends AutoCloseable {

  /** Short stable name, such as {@code aks}; used in conditions, logs and metrics. */
  String name();

  /** What of a pool this cloud cannot make; empty when all is well. Pure. */
  List<String> validate(PoolSpec spec);

  /** All pools of the cluster, ours and others, all pages: one sweep. */
  CompletionStage<List<PoolView>> list();

  /** One pool, live; empty when the cloud says that there is none of this name. */
  CompletionStage<Optional<PoolView>> get(String name);

  /**
   * Makes a pool; create-only. A pool that exists is never changed by this call, whoever made it:
   * the answer is then {@link Submit.AlreadyExists}.
   */
  CompletionStage<Submit> create(PoolSpec spec);

  /**
   * Brings size, labels and tags of a pool to what is wanted, on condition that it is still the one
   * that was seen ({@link PoolView#version}).
   */
  CompletionStage<Submit> update(PoolView seen, PoolSpec spec);

  /**
   * Takes single machines out of a pool; never a number of machines of the cloud's own choice.
   *
   * @param nodeNames Nodes whose machines are to go
   */
  CompletionStage<Submit> removeNodes(PoolView seen, List<String> nodeNames);

  /** Removes a pool with all its machines, on condition that it is still the one that was seen. */
  CompletionStage<Submit> delete(PoolView seen);

  /** Why a pool is in the state that it is in, where the cloud tells; empty where it does not. */
  CompletionStage<Optional<ProvisionFailure>> explain(PoolView pool);

  /** Frees what it holds; what was submitted goes on. Idempotent. */
  @Override
  void close();
}
