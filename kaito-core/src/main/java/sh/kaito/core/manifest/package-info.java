/**
 * From a plan to Kubernetes objects. Pure: the same plan gives the same bytes. Commands are
 * argument vectors; no value of a user ever reaches a shell.
 */
@NullMarked
package sh.kaito.core.manifest;

import org.jspecify.annotations.NullMarked;
