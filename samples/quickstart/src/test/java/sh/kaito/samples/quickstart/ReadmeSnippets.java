package sh.kaito.samples.quickstart;

import java.nio.file.Path;
import java.time.Duration;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.api.model.Workspaces;
import sh.kaito.core.client.WorkspaceClient;
import sh.kaito.core.client.WorkspaceEndpoint;
import sh.kaito.core.engine.KaitoController;
import sh.kaito.core.engine.WorkspaceEngine;
import sh.kaito.core.kube.HttpKubeTransport;
import sh.kaito.core.provision.ClaimProvisioner;
import sh.kaito.testkit.SimulatedCluster;
import sh.kaito.testkit.VirtualScheduler;

/** The code of README.md, compiled; {@link ReadmeTest} compares the texts. */
final class ReadmeSnippets {
  private ReadmeSnippets() {}

  static void client() {
    // snippet client
    try (WorkspaceClient kaito = WorkspaceClient.create()) { // kubeconfig or in-cluster
      Workspace phi3 = Workspaces.read(Path.of("phi-3.yaml")); // fields, types: line, column
      System.out.println(kaito.plan(phi3).explain()); // what, why; sends nothing
      kaito.apply(phi3);
      WorkspaceEndpoint endpoint =
          kaito.awaitReady(phi3.key(), Duration.ofMinutes(30), System.out::println);
      System.out.println(endpoint.chat("What is Kaito?"));
    }
    // end
  }

  static void operator() {
    // snippet operator
    try (KubeTransport transport = HttpKubeTransport.fromDefaultConfig();
        KaitoController controller =
            KaitoController.builder(transport)
                .provisioner(ClaimProvisioner.gpuProvisioner())
                .build()) {
      controller.run(); // until close() or an interrupt
    }
    // end
  }

  /** Somebody else's controller. */
  interface Host {
    void requeue(WorkspaceKey key);
  }

  static WorkspaceEngine engine(KubeTransport transport, Host host) {
    // snippet engine
    WorkspaceEngine engine =
        WorkspaceEngine.builder(transport)
            .provisioner(ClaimProvisioner.gpuProvisioner())
            .onWake(host::requeue) // tells which key to reconcile, from any thread
            .start();
    // ... and in the host's own loop: engine.reconcile(key)
    // end
    return engine;
  }

  static void test(Workspace workspace) {
    // snippet test
    VirtualScheduler time = VirtualScheduler.seeded(1);
    Duration limit = Duration.ofHours(1);
    try (SimulatedCluster cluster = SimulatedCluster.onVirtualTime(time);
        KaitoController controller =
            KaitoController.builder(cluster.transport())
                .provisioner(ClaimProvisioner.gpuProvisioner())
                .scheduler(time)
                .build()
                .start();
        WorkspaceClient kaito = WorkspaceClient.create(cluster.transport(), time)) {
      time.advanceUntil(controller::isReady, limit);
      time.await(kaito.applyAsync(workspace), limit);
      time.await(kaito.awaitReadyAsync(workspace.key(), limit, progress -> {}), limit);
      System.out.println(cluster.nodes().bill()); // every node bought, and for how long
    }
    // end
  }
}
