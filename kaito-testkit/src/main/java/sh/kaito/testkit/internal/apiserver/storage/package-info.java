/** Objects, the one resource version, and the history that watches and past lists are read from. */
@NullMarked
package sh.kaito.testkit.internal.apiserver.storage;

import org.jspecify.annotations.NullMarked;
