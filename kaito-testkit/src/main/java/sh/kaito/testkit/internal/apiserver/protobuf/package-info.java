/** Request bodies of {@code application/vnd.kubernetes.protobuf}. */
@NullMarked
package sh.kaito.testkit.internal.apiserver.protobuf;

import org.jspecify.annotations.NullMarked;
