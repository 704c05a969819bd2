/** Names of objects, containers and volumes that are made from the names of users. */
@NullMarked
package sh.kaito.core.internal.naming;

import org.jspecify.annotations.NullMarked;
