/**
 * What a cluster's own controllers do and tests rely on: garbage collection, namespaces, service
 * accounts, custom resource definitions. They run as tasks of the scheduler and write as any client
 * does.
 */
@NullMarked
package sh.kaito.testkit.internal.apiserver.controllers;

import org.jspecify.annotations.NullMarked;
