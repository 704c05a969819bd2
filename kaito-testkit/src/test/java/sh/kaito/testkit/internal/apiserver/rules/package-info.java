/** What the server refuses, sets and keeps, beyond what is recorded, in the real server's words. */
@NullMarked
package sh.kaito.testkit.internal.apiserver.rules;

import org.jspecify.annotations.NullMarked;
