package sh.kaito.core.plan;

/**
 * A Secret, ConfigMap or claim that must already exist in the namespace of the workspace.
 *
 * @param kind such as {@code Secret}
 * @param name its name
 * @param key the key that is read; empty when all of it is used
 * @param purpose what it is for
 */
public record PlannedReference(String kind, String name, String key, String purpose) {}
