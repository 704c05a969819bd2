package sh.kaito.core.internal.kube;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * A sorted map that never changes: {@link #with} and {@link #without} return another one that
 * shares all but O(log n) nodes with it. So a reader on any thread keeps a consistent view for as
 * long as it likes, and a change of one entry among 10,000 copies about fifteen small nodes.
 *
 * <p>A weight-balanced tree with the parameters (3, 2), which Hirai and Yamamoto proved sound
 * ("Balancing weight-balanced trees", 2011).
 */
final class PersistentMap<K extends Comparable<? super K>, V> implements Iterable<Map.Entry<K, V>> {
  private static final int DELTA = 3;
  private static final int RATIO = 2;
  private static final PersistentMap<?, ?> EMPTY = new PersistentMap<String, Object>(null);

  private final @Nullable Node<K, V> root;

  private PersistentMap(@Nullable Node<K, V> root) {
    this.root = root;
  }

  /** The empty map. */
  @SuppressWarnings("unchecked") // It holds nothing, so it is of every type.
  static <K extends Comparable<? super K>, V> PersistentMap<K, V> empty() {
    return (PersistentMap<K, V>) EMPTY;
  }

  int size() {
    return size(root);
  }

  boolean isEmpty() {
    return root == null;
  }

  @Nullable V get(K key) {
    Node<K, V> at = root;
    while (at != null) {
      int order = key.compareTo(at.key);
      if (order == 0) {
        return at.value;
      }
      at = order < 0 ? at.left : at.right;
    }
    return null;
  }

  PersistentMap<K, V> with(K key, V value) {
    return new PersistentMap<>(put(root, key, value));
  }

  PersistentMap<K, V> without(K key) {
    if (get(key) == null) {
      return this;
    }
    Node<K, V> rest = remove(root, key);
    return rest == null ? empty() : new PersistentMap<>(rest);
  }

  /** In the order of the keys. */
  @Override
  public Iterator<Map.Entry<K, V>> iterator() {
    return new InOrder<>(root);
  }

  /** Height of the tree; tests check that it stays logarithmic. */
  int height() {
    return height(root);
  }

  private static int height(@Nullable Node<?, ?> node) {
    return node == null ? 0 : 1 + Math.max(height(node.left), height(node.right));
  }

  private static int size(@Nullable Node<?, ?> node) {
    return node == null ? 0 : node.size;
  }

  private static <K extends Comparable<? super K>, V> Node<K, V> put(
      @Nullable Node<K, V> node, K key, V value) {
    if (node == null) {
      return new Node<>(key, value, null, null);
    }
    int order = key.compareTo(node.key);
    if (order == 0) {
      return new Node<>(key, value, node.left, node.right);
    }
    return order < 0
        ? balance(node, put(node.left, key, value), node.right)
        : balance(node, node.left, put(node.right, key, value));
  }

  private static <K extends Comparable<? super K>, V> @Nullable Node<K, V> remove(
      @Nullable Node<K, V> node, K key) {
    if (node == null) {
      return null;
    }
    int order = key.compareTo(node.key);
    if (order < 0) {
      return balance(node, remove(node.left, key), node.right);
    }
    if (order > 0) {
      return balance(node, node.left, remove(node.right, key));
    }
    if (node.left == null) {
      return node.right;
    }
    if (node.right == null) {
      return node.left;
    }
    if (node.left.size > node.right.size) {
      Node<K, V> last = last(node.left);
      return balance(last, remove(node.left, last.key), node.right);
    }
    Node<K, V> first = first(node.right);
    return balance(first, node.left, remove(node.right, first.key));
  }

  private static <K, V> Node<K, V> first(Node<K, V> node) {
    Node<K, V> at = node;
    while (at.left != null) {
      at = at.left;
    }
    return at;
  }

  private static <K, V> Node<K, V> last(Node<K, V> node) {
    Node<K, V> at = node;
    while (at.right != null) {
      at = at.right;
    }
    return at;
  }

  /** A node with the entry of {@code entry} over two subtrees of which one changed by one. */
  private static <K, V> Node<K, V> balance(
      Node<K, V> entry, @Nullable Node<K, V> left, @Nullable Node<K, V> right) {
    int leftWeight = size(left) + 1;
    int rightWeight = size(right) + 1;
    if (right != null && rightWeight > DELTA * leftWeight) {
      Node<K, V> inner = right.left;
      if (inner == null || size(inner) + 1 < RATIO * (size(right.right) + 1)) {
        return right.with(entry.with(left, inner), right.right);
      }
      return inner.with(entry.with(left, inner.left), right.with(inner.right, right.right));
    }
    if (left != null && leftWeight > DELTA * rightWeight) {
      Node<K, V> inner = left.right;
      if (inner == null || size(inner) + 1 < RATIO * (size(left.left) + 1)) {
        return left.with(left.left, entry.with(inner, right));
      }
      return inner.with(left.with(left.left, inner.left), entry.with(inner.right, right));
    }
    return entry.with(left, right);
  }

  private static final class Node<K, V> implements Map.Entry<K, V> {
    final K key;
    final V value;
    final @Nullable Node<K, V> left;
    final @Nullable Node<K, V> right;
    final int size;

    Node(K key, V value, @Nullable Node<K, V> left, @Nullable Node<K, V> right) {
      this.key = key;
      this.value = value;
      this.left = left;
      this.right = right;
      this.size = PersistentMap.size(left) + PersistentMap.size(right) + 1;
    }

    Node<K, V> with(@Nullable Node<K, V> newLeft, @Nullable Node<K, V> newRight) {
      return newLeft == left && newRight == right
          ? this
          : new Node<>(key, value, newLeft, newRight);
    }

    @Override
    public K getKey() {
      return key;
    }

    @Override
    public V getValue() {
      return value;
    }

    @Override
    public V setValue(V newValue) {
      throw new UnsupportedOperationException("A PersistentMap does not change");
    }
  }

  private static final class InOrder<K, V> implements Iterator<Map.Entry<K, V>> {
    private final Deque<Node<K, V>> path = new ArrayDeque<>();

    InOrder(@Nullable Node<K, V> root) {
      descend(root);
    }

    private void descend(@Nullable Node<K, V> from) {
      for (Node<K, V> at = from; at != null; at = at.left) {
        path.push(at);
      }
    }

    @Override
    public boolean hasNext() {
      return !path.isEmpty();
    }

    @Override
    public Map.Entry<K, V> next() {
      if (path.isEmpty()) {
        throw new NoSuchElementException();
      }
      Node<K, V> node = path.pop();
      descend(node.right);
      return node;
    }
  }
}
