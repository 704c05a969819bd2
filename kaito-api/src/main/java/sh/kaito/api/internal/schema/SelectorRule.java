package sh.kaito.api.internal.schema;

/**
 * The CEL rule that two label selectors name the same labels, whether as {@code matchLabels} or as
 * {@code In} expressions with one value: older releases accept that respelling, so we do.
 */
final class SelectorRule {

  /** Every label of the new selector is in the old one, and the other way round. */
  static final String CEL =
      "self == oldSelf || (" + covers("self", "oldSelf") + " && " + covers("oldSelf", "self") + ")";

  private SelectorRule() {}

  private static String covers(String some, String all) {
    return "(!has(A.matchLabels) || A.matchLabels.all(k,"
        .concat(
            " (has(B.matchLabels) && k in B.matchLabels && B.matchLabels[k] == A.matchLabels[k])")
        .concat(" || (has(B.matchExpressions) && B.matchExpressions.exists(e, e.key == k &&")
        .concat(" has(e.values) && e.values == [A.matchLabels[k]]))))")
        .concat(" && (!has(A.matchExpressions) || A.matchExpressions.all(e, has(e.values) &&")
        .concat(" ((has(B.matchLabels) && e.key in B.matchLabels && e.values ==")
        .concat(" [B.matchLabels[e.key]]) || (has(B.matchExpressions) &&")
        .concat(" B.matchExpressions.exists(f, f.key == e.key && has(f.values) &&")
        .concat(" f.values == e.values)))))")
        .replace("A.", some + ".")
        .replace("B.", all + ".");
  }
}
