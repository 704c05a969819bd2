package sh.kaito.api.provision;

/**
 * One place in a set of nodes.
 *
 * @param index 0 to count - 1
 * @param epoch 1 at first; one more for each replacement. Persisted on the owner before it is used
 */
public record NodeSlot(int index, int epoch) {}
