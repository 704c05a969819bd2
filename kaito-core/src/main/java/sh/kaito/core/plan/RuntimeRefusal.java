package sh.kaito.core.plan;

/**
 * No runtime can do what is asked.
 *
 * @param path where the cause stands in the workspace, such as {@code resource.instanceType}
 * @param found what stands there
 * @param problem why it cannot be
 * @param advice what to do
 */
public record RuntimeRefusal(String path, String found, String problem, String advice)
    implements RuntimeDecision {}
