package sh.kaito.testkit.behaviour.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import sh.kaito.api.model.KaitoCrd;
import sh.kaito.testkit.SimulatedCluster;
import sh.kaito.testkit.VirtualScheduler;

/** A simulated cluster starts whole, or leaves nothing behind. */
class ClusterStartTest {
  private static final List<KaitoCrd> REFUSED =
      List.of(
          new KaitoCrd(
              "things.example.com",
              """
              apiVersion: apiextensions.k8s.io/v1
              kind: CustomResourceDefinition
              metadata: {name: others.example.com}
              """));

  @Test
  void aRefusedCrdIsTheSameFailureOnVirtualTime() {
    VirtualScheduler time = VirtualScheduler.seeded(1);
    assertThatThrownBy(() -> SimulatedCluster.builder().onVirtualTime(time).crds(REFUSED).start())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("things.example.com cannot be installed");
    time.runUntilIdle();
    assertThat(time.pending()).as("what the failed start left on the scheduler").isEmpty();
  }

  @Test
  void aFailedStartLeavesNoThread() throws InterruptedException {
    Set<Thread> before = threads();
    assertThatThrownBy(() -> SimulatedCluster.builder().crds(REFUSED).start())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("things.example.com cannot be installed");
    Set<Thread> left = threads();
    left.removeAll(before);
    for (Thread thread : left) {
      // A pool has ended when its workers are done; the last instructions of a thread come after.
      thread.join(Duration.ofSeconds(30).toMillis());
    }
    left.removeIf(thread -> !thread.isAlive());
    assertThat(left).as("threads of the failed cluster").isEmpty();
  }

  private static Set<Thread> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(
            thread ->
                thread.getName().startsWith("kube-apiserver")
                    || thread.getName().startsWith("simulated-cluster"))
        .collect(Collectors.toSet());
  }
}
