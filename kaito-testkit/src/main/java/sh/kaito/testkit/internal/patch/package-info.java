/** JSON patch, JSON merge patch and strategic merge patch, with kube-apiserver's answers. */
@NullMarked
package sh.kaito.testkit.internal.patch;

import org.jspecify.annotations.NullMarked;
