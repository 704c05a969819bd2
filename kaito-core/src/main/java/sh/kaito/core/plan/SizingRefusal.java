package sh.kaito.core.plan;

/**
 * The model cannot run on these GPUs.
 *
 * @param reason what is missing, with the figures
 * @param advice what to do
 */
public record SizingRefusal(String reason, String advice) implements SizingOutcome {}
