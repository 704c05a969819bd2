package sh.kaito.testkit.tck;

import java.util.List;
import sh.kaito.api.provision.NodeSlot;

/**
 * The truth beneath a provisioner, past its caches: what exists, and the means to spoil it. Methods
 * that answer {@code false} say that this cloud has no such thing; the rules that need it are left
 * out then. Called between the steps of virtual time.
 */
public interface TckCloud extends AutoCloseable {

  /**
   * Something that exists and is paid for, or is on its way to be.
   *
   * @param name what it was requested as
   * @param ownerUid whose it is; empty when nobody can tell
   * @param slot which place it fills
   */
  record Held(String name, String ownerUid, NodeSlot slot) {}

  /** All that exists, whoever bought it. */
  List<Held> held();

  /** Number of purchases that ever took effect. */
  int boughtEver();

  /** Takes something away behind the provisioner's back, machine, request and Node. */
  void vanish(String name);

  /** Lets the next purchases go wrong until {@link #heal}. */
  boolean spoil(PurchaseFault fault);

  /** What {@link #spoil} has begun is over. */
  void heal();

  /**
   * Puts something of somebody else where the provisioner would put this purchase. It shows up in
   * {@link #held} with an empty owner.
   */
  boolean occupy(String name);

  /**
   * Puts a Node into the cluster that belongs to the owner and that nothing was requested for, as a
   * machine leaves one whose request is gone; the answer is its name, empty where there is no such
   * thing.
   */
  String leaveNode(String ownerUid);

  @Override
  void close();
}
