package sh.kaito.core.provision;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.api.provision.NodePhase;
import sh.kaito.api.provision.NodeProvisioner;
import sh.kaito.api.provision.NodeSetKey;
import sh.kaito.api.provision.PurchaseInventory;

/**
 * Lets go of nodes whose owner is gone for good: a Workspace that somebody deleted by force, with
 * its finalizer taken off while no controller ran. Claims are cluster-scoped and have no owner
 * reference, so nothing else would ever end them.
 *
 * <p><b>What is let go.</b> Purchases of this installation ({@link PurchaseInventory}) whose owner
 * no cache knows and a live read does not find, under the UID that the purchase names, in two
 * passes at least five minutes apart. What does not carry our labels is never looked at.
 *
 * <p><b>What stops it.</b> When one owner cannot be read, nothing is let go in that pass. When
 * there are purchases and not one owner exists, it pauses until somebody says {@link
 * Builder#evenWithoutOwners}: definitions that were wiped look like that. In one pass the nodes of
 * at most a fifth of the owners are let go, and of one owner at least.
 *
 * <p>Only a leader may run it. It does nothing by itself: {@link #collect} is one pass, to be
 * called every few minutes. Thread-safe.
 */
public final class OrphanCollector {
  private static final Logger LOG = LoggerFactory.getLogger(OrphanCollector.class);

  /** Between the first sighting without owner and the release. */
  static final Duration BETWEEN_SIGHTINGS = Duration.ofMinutes(5);

  /** At most one owner of so many in one pass. */
  private static final int SHARE = 5;

  private final NodeProvisioner provisioner;
  private final PurchaseInventory inventory;
  private final OwnerLookup owners;
  private final Scheduler scheduler;
  private final Predicate<NodeSetKey> known;
  private final Predicate<NodeSetKey> scope;
  private final BooleanSupplier mayAct;
  private final boolean evenWithoutOwners;
  private final BooleanSupplier anyOwner;

  private final Object lock = new Object();
  private final Map<NodeSetKey, Instant> firstSeen = new HashMap<>();
  private final Map<NodeSetKey, Instant> releasing = new HashMap<>();
  private @Nullable CompletableFuture<Pass> running;
  private final AtomicLong collected = new AtomicLong();
  private final AtomicLong pauses = new AtomicLong();

  private OrphanCollector(Builder builder, PurchaseInventory inventory) {
    this.provisioner = builder.provisioner;
    this.inventory = inventory;
    this.owners = builder.owners;
    this.scheduler = builder.scheduler;
    this.known = builder.known;
    this.scope = builder.scope;
    this.mayAct = builder.mayAct;
    this.evenWithoutOwners = builder.evenWithoutOwners;
    this.anyOwner = builder.anyOwner;
  }

  /**
   * Starts to describe a collector.
   *
   * @param provisioner stays the caller's; without {@link PurchaseInventory} there is nothing to
   *     collect
   */
  public static Builder builder(
      NodeProvisioner provisioner, OwnerLookup owners, Scheduler scheduler) {
    return new Builder(provisioner, owners, scheduler);
  }

  /** What one pass has done. */
  public sealed interface Pass {
    /**
     * It went through.
     *
     * @param owners owners of purchases, alive or not
     * @param orphans those of them that were found to be gone
     * @param released those whose release was begun in this pass
     */
    record Done(int owners, int orphans, int released) implements Pass {}

    /** It let go of nothing, because something is wrong that a person should see. */
    record Paused(String reason) implements Pass {}
  }

  /** Number of owners whose nodes were let go since the start. */
  public long collected() {
    return collected.get();
  }

  /** Number of passes that were paused since the start. */
  public long pauses() {
    return pauses.get();
  }

  /**
   * One pass. Returns at once; a call during another shares its outcome. Completes normally
   * whatever happens in the cluster.
   */
  public CompletionStage<Pass> collect() {
    CompletableFuture<Pass> pass;
    synchronized (lock) {
      if (running != null) {
        return running;
      }
      pass = new CompletableFuture<>();
      running = pass;
    }
    var unused =
        begin()
            .whenComplete(
                (done, error) -> {
                  synchronized (lock) {
                    running = null;
                  }
                  if (error == null) {
                    pass.complete(done);
                  } else {
                    pass.completeExceptionally(error);
                  }
                });
    return pass;
  }

  private CompletionStage<Pass> begin() {
    if (!provisioner.isSynced()) {
      return CompletableFuture.completedFuture(new Pass.Paused("caches are not complete yet"));
    }
    Map<String, NodeSetKey> found = new TreeMap<>();
    inventory.inventory().stream()
        .map(PurchaseInventory.Purchase::key)
        .filter(scope)
        .forEach(key -> found.put(key.ownerUid() + "/" + key.set(), key));
    Set<NodeSetKey> keys = new HashSet<>(found.values());
    goOnReleasing();
    List<NodeSetKey> unknown = found.values().stream().filter(known.negate()).toList();
    return read(unknown, 0, new ArrayList<>()).handle((gone, error) -> judge(keys, gone, error));
  }

  /** One read after the other: orphans are rare, and a pass has minutes. */
  private CompletionStage<List<NodeSetKey>> read(
      List<NodeSetKey> keys, int at, List<NodeSetKey> gone) {
    if (at == keys.size()) {
      return CompletableFuture.completedFuture(gone);
    }
    return owners
        .find(keys.get(at))
        .thenComposeAsync(
            owner -> {
              if (owner == OwnerLookup.Owner.GONE) {
                gone.add(keys.get(at));
              }
              return read(keys, at + 1, gone);
            },
            scheduler.executor());
  }

  private Pass judge(
      Set<NodeSetKey> keys, @Nullable List<NodeSetKey> gone, @Nullable Throwable error) {
    if (gone == null) {
      return paused("an owner could not be read: " + (error == null ? "" : error.getMessage()));
    }
    Instant now = scheduler.clock().instant();
    List<NodeSetKey> due = new ArrayList<>();
    synchronized (lock) {
      firstSeen.keySet().retainAll(gone);
      gone.forEach(key -> firstSeen.putIfAbsent(key, now));
      gone.stream()
          .filter(key -> !releasing.containsKey(key))
          .filter(key -> !now.isBefore(seen(key).plus(BETWEEN_SIGHTINGS)))
          .sorted(Comparator.comparing(this::seen))
          .forEach(due::add);
    }
    if (due.isEmpty()) {
      return new Pass.Done(keys.size(), gone.size(), 0);
    }
    if (gone.size() == keys.size() && !evenWithoutOwners && !anyOwner.getAsBoolean()) {
      return paused(
          "all "
              + keys.size()
              + " owners of nodes are gone; if that is so, delete their claims by hand or allow it"
              + " with evenWithoutOwners()");
    }
    if (!mayAct.getAsBoolean()) {
      return paused("leadership was lost");
    }
    List<NodeSetKey> allowed =
        due.subList(0, Math.min(due.size(), Math.max(1, keys.size() / SHARE)));
    allowed.forEach(key -> release(key, now));
    return new Pass.Done(keys.size(), gone.size(), allowed.size());
  }

  private Instant seen(NodeSetKey key) {
    return Objects.requireNonNull(firstSeen.get(key));
  }

  private Pass paused(String reason) {
    pauses.incrementAndGet();
    LOG.warn("no left-over nodes are collected: {}", reason);
    return new Pass.Paused(reason);
  }

  private void release(NodeSetKey key, Instant now) {
    LOG.warn(
        "{} (uid {}) is gone and its nodes are not; releasing them", key.owner(), key.ownerUid());
    collected.incrementAndGet();
    synchronized (lock) {
      releasing.put(key, now);
    }
    var unused = provisioner.release(key, now);
  }

  /** What was begun is repeated until it is proved. */
  private void goOnReleasing() {
    if (!mayAct.getAsBoolean()) {
      return;
    }
    Map<NodeSetKey, Instant> open;
    synchronized (lock) {
      open = Map.copyOf(releasing);
    }
    open.forEach(
        (key, from) -> {
          if (provisioner.release(key, from).phase() == NodePhase.GONE) {
            provisioner.forget(key);
            synchronized (lock) {
              releasing.remove(key);
            }
          }
        });
  }

  /** Describes an {@link OrphanCollector}. Not thread-safe. */
  public static final class Builder {
    private final NodeProvisioner provisioner;
    private final OwnerLookup owners;
    private final Scheduler scheduler;
    private Predicate<NodeSetKey> known = key -> false;
    private Predicate<NodeSetKey> scope = key -> true;
    private BooleanSupplier mayAct = () -> true;
    private boolean evenWithoutOwners;
    private BooleanSupplier anyOwner = () -> false;

    private Builder(NodeProvisioner provisioner, OwnerLookup owners, Scheduler scheduler) {
      this.provisioner = provisioner;
      this.owners = owners;
      this.scheduler = scheduler;
    }

    /**
     * Owners that a cache shows under their UID: they exist and are not read. Default: all are
     * read, which costs a request for each.
     */
    public Builder known(Predicate<NodeSetKey> isKnown) {
      this.known = isKnown;
      return this;
    }

    /** Owners that are this controller's business, such as those of its namespaces. Default all. */
    public Builder scope(Predicate<NodeSetKey> isOurs) {
      this.scope = isOurs;
      return this;
    }

    /** Asked again right before something is let go: whether this process still leads. */
    public Builder mayAct(BooleanSupplier leads) {
      this.mayAct = leads;
      return this;
    }

    /**
     * Whether an owner is known to exist, with nodes or without: then definitions were not wiped,
     * and it does not pause although all owners of nodes are gone.
     */
    public Builder anyOwner(BooleanSupplier isThere) {
      this.anyOwner = isThere;
      return this;
    }

    /** Collects also when not one owner exists. Default: it pauses then. */
    public Builder evenWithoutOwners() {
      this.evenWithoutOwners = true;
      return this;
    }

    /**
     * Builds the collector; nothing runs yet.
     *
     * @throws IllegalStateException when the provisioner has no {@link PurchaseInventory}
     */
    public OrphanCollector build() {
      if (!(provisioner instanceof PurchaseInventory inventory)) {
        throw new IllegalStateException(
            "provisioner "
                + provisioner.name()
                + " keeps no inventory, so there is nothing to collect; implement PurchaseInventory");
      }
      return new OrphanCollector(this, inventory);
    }
  }
}
