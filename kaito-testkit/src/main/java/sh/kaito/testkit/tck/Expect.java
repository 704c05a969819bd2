package sh.kaito.testkit.tck;

import java.util.List;
import java.util.stream.IntStream;
import sh.kaito.api.provision.NodeSetKey;
import sh.kaito.api.provision.NodeSetSpec;
import sh.kaito.api.provision.NodeSlot;

/** What the rules share: who wants nodes, and how a broken rule is told. */
final class Expect {
  static final NodeSetKey OWNER =
      new NodeSetKey("default", "tck", "7f1c2f6e-93f5-4f1c-8d0e-3f5b8a1d2c4e", NodeSetKey.WORKERS);
  static final NodeSetKey OTHER =
      new NodeSetKey(
          "default", "tck-2", "0a9b8c7d-6e5f-4a3b-9c2d-1e0f9a8b7c6d", NodeSetKey.WORKERS);
  static final NodeSlot FIRST = new NodeSlot(0, 1);

  private Expect() {}

  static List<NodeSlot> slots(int count) {
    return IntStream.range(0, count).mapToObj(index -> new NodeSlot(index, 1)).toList();
  }

  static NodeSetSpec nodes(TckWorld world, int count) {
    return world.fixture().spec(OWNER, slots(count)).build();
  }

  static NodeSetSpec slot(TckWorld world, int epoch) {
    return world.fixture().spec(OWNER, List.of(new NodeSlot(0, epoch))).build();
  }

  static void that(boolean kept, String demanded, Object seen) {
    if (!kept) {
      throw new AssertionError(demanded + "; found " + seen);
    }
  }

  /** That exactly so much exists for the owner, and nothing twice. */
  static void held(TckWorld world, int count, String demanded) {
    world.checkNothingIsDouble(OWNER);
    List<TckCloud.Held> held = world.heldBy(OWNER);
    that(held.size() == count, demanded + ": expected " + count + " purchases of the owner", held);
  }

  /** That so much was bought from the beginning until now. */
  static void boughtEver(TckWorld world, int count, String demanded) {
    int bought = world.cloud().boughtEver();
    that(bought == count, demanded + ": expected " + count + " purchases altogether", bought);
  }
}
