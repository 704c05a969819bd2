/**
 * The two ports through which the library touches the outside: {@link
 * sh.kaito.api.kube.KubeTransport} (requests and watches to a Kubernetes API server) and {@link
 * sh.kaito.api.kube.Scheduler} (clock, timers, executor). JDK and JSpecify types only.
 */
@NullMarked
package sh.kaito.api.kube;

import org.jspecify.annotations.NullMarked;
