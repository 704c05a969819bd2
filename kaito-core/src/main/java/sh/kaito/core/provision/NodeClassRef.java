package sh.kaito.core.provision;

/**
 * The node class that a Karpenter NodeClaim names; it selects the provider that fulfils the claim.
 *
 * @param group API group, such as {@code karpenter.azure.com} or {@code karpenter.k8s.aws}
 * @param kind such as {@code AKSNodeClass} or {@code EC2NodeClass}
 * @param name name of the node class object
 */
public record NodeClassRef(String group, String kind, String name) {}
