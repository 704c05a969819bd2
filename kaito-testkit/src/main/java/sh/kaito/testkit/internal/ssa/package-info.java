/**
 * Server-side apply as pure functions: sets of fields, typed values, managers and their conflicts.
 * The rules are those of the structured-merge-diff library that kube-apiserver 1.35 uses.
 */
@NullMarked
package sh.kaito.testkit.internal.ssa;

import org.jspecify.annotations.NullMarked;
