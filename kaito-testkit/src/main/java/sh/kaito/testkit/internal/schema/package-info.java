/**
 * What the embedded API server knows of its types: the Go types behind the built-in kinds, the
 * structural schemas of custom resources, and what follows from them (decoding, pruning,
 * defaulting, validation, merge types of server-side apply).
 */
@NullMarked
package sh.kaito.testkit.internal.schema;

import org.jspecify.annotations.NullMarked;
