/**
 * How the library and its test kit talk to an API server: requests and answers as JSON trees, and
 * caches filled by list and watch. Not API.
 */
@NullMarked
package sh.kaito.core.internal.kube;

import org.jspecify.annotations.NullMarked;
