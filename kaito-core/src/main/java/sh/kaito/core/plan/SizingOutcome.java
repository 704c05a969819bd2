package sh.kaito.core.plan;

/** What came out of sizing: a {@link Sizing}, or the reason why the model cannot fit. */
public sealed interface SizingOutcome permits Sizing, SizingRefusal {}
