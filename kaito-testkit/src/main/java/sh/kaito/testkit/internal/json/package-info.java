/**
 * JSON as plain Java values: {@code Map<String, Object>} that keeps key order, {@code
 * List<Object>}, {@code String}, {@code Boolean}, {@code Long}, {@code Double} and null, with the
 * number and error rules of kube-apiserver's decoder.
 */
@NullMarked
package sh.kaito.testkit.internal.json;

import org.jspecify.annotations.NullMarked;
