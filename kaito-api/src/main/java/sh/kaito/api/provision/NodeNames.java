package sh.kaito.api.provision;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Names of what is bought. A name is a pure function of who wants the node, so that a request which
 * is repeated after a crash hits the same object instead of buying another.
 */
public final class NodeNames {
  private static final char[] BASE32 = "abcdefghijklmnopqrstuvwxyz234567".toCharArray();
  private static final int DIGITS = 11;

  private NodeNames() {}

  /**
   * Name of the claim or pool of one slot at one epoch: {@code k} and 11 characters of the base-32
   * SHA-256 (55 bits) of installation, owner UID, set, slot and epoch. Twelve characters, because
   * an AKS pool name has at most 12, begins with a letter and holds only lower-case letters and
   * digits.
   *
   * @param installation as in {@link ProvisionerContext#installation()}
   */
  public static String of(String installation, NodeSetKey key, NodeSlot slot) {
    MessageDigest sha;
    try {
      sha = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
    for (String part :
        new String[] {
          installation,
          key.ownerUid(),
          key.set(),
          Integer.toString(slot.index()),
          Integer.toString(slot.epoch())
        }) {
      sha.update(part.getBytes(StandardCharsets.UTF_8));
      // A separator that no part can hold, so that "a","bc" and "ab","c" differ.
      sha.update((byte) 0x1f);
    }
    byte[] digest = sha.digest();
    StringBuilder name = new StringBuilder("k");
    for (int i = 0; i < DIGITS; i++) {
      int bit = i * 5;
      int value = ((digest[bit / 8] & 0xff) << 8) | (digest[bit / 8 + 1] & 0xff);
      name.append(BASE32[(value >> (11 - bit % 8)) & 0x1f]);
    }
    return name.toString();
  }
}
