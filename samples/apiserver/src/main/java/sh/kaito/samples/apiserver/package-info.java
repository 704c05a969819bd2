/** An API server in the foreground. */
@NullMarked
package sh.kaito.samples.apiserver;

import org.jspecify.annotations.NullMarked;
