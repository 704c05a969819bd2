package sh.kaito.testkit.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Gives each test a {@link sh.kaito.testkit.KubeCluster} of its own, started when the test or a
 * {@code @BeforeEach} asks for it by a parameter and closed after the test.
 *
 * <pre>{@code
 * @KaitoCluster(controller = true)
 * class PlatformTest {
 *   @Test
 *   void aWorkspaceBecomesReady(KubeCluster cluster, WorkspaceClient kaito) {
 *     cluster.await(kaito.applyAsync(workspace));
 *     cluster.await(kaito.awaitReadyAsync(workspace.key(), cluster.limit(), progress -> {}));
 *     assertThat(cluster).hasBought(1);
 *   }
 * }
 * }</pre>
 *
 * <p><b>Parameters.</b> {@code KubeCluster}, {@code WorkspaceClient}, {@code KubeTransport}, {@code
 * Scheduler}, {@code SimulatedNodes}, {@code SimulatedWorkloads}, {@code KaitoController} (starts
 * one); and of embedded clusters {@code VirtualScheduler}, {@code Faults}, {@code
 * SimulatedCluster}, {@code KubeApiServer}.
 *
 * <p><b>On a real cluster</b> (see {@link sh.kaito.testkit.KubeCluster}) a test is skipped that has
 * a parameter which only an embedded cluster has, that {@link Needs} such a feature, or that asks
 * for it on its way. The run ends with a list of the skipped tests on the standard output.
 * Annotations of a method win over those of its class.
 */
@Documented
@Inherited
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(KaitoClusterExtension.class)
public @interface KaitoCluster {

  /** Whether a controller with the simulated node provisioner is started with the cluster. */
  boolean controller() default false;

  /** Whether claims become nodes. */
  boolean nodes() default true;

  /** Whether an embedded cluster listens on a port and runs on the wall clock. */
  boolean http() default false;

  /** Whether an embedded cluster speaks HTTPS; implies {@link #http}. */
  boolean tls() default false;

  /** Whether an embedded cluster enforces RBAC. */
  boolean rbac() default false;

  /** Where the randomness of virtual time comes from. */
  long seed() default 1;
}
