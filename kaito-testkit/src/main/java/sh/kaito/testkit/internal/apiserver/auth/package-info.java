/** Who sends a request, and whether that user may: authentication, impersonation, RBAC. */
@NullMarked
package sh.kaito.testkit.internal.apiserver.auth;

import org.jspecify.annotations.NullMarked;
