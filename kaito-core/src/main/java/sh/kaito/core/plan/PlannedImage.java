package sh.kaito.core.plan;

/**
 * A container image that a pod of the workspace will pull.
 *
 * @param role what it is for, such as {@code model server}
 * @param reference the reference with its tag
 */
public record PlannedImage(String role, String reference) {}
