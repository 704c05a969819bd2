/** Label and field selectors as kube-apiserver reads them, its complaints included. */
@NullMarked
package sh.kaito.testkit.internal.apiserver.selectors;

import org.jspecify.annotations.NullMarked;
