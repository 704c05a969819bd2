package sh.kaito.samples.apiserver;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import sh.kaito.testkit.KubeApiServer;
import sh.kaito.testkit.SimulatedCluster;

/** Runs an embedded API server in the foreground, for kubectl and any other client. */
public final class ApiServerCommand {
  private final PrintStream out;
  private final PrintStream err;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final CountDownLatch stopped = new CountDownLatch(1);

  ApiServerCommand(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  /** Runs it until the process is asked to end. */
  public static void main(String[] arguments) {
    ApiServerCommand command = new ApiServerCommand(System.out, System.err);
    Runtime.getRuntime().addShutdownHook(new Thread(command::stopAndWait, "apiserver-stop"));
    int code = command.run(List.of(arguments));
    if (code != 0) {
      System.exit(code);
    }
  }

  /** Asks it to end, and returns when it has. */
  void stopAndWait() {
    stop.countDown();
    try {
      stopped.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Returns the exit code when it was stopped, or at once where it cannot start. */
  int run(List<String> arguments) {
    try {
      Options options = Options.parse(arguments);
      if (options.help) {
        out.print(Options.USAGE);
        return 0;
      }
      return run(options);
    } catch (IllegalArgumentException e) {
      err.println(e.getMessage());
      err.print(Options.USAGE);
      return 2;
    } finally {
      stopped.countDown();
    }
  }

  private int run(Options options) {
    try (SimulatedCluster cluster = start(options)) {
      write(options.kubeconfig, cluster.server().kubeconfig());
      if (options.compactionPort.isPresent()) {
        try (CompactionEndpoint compaction =
            new CompactionEndpoint(cluster.server(), options.compactionPort.get())) {
          ready(cluster, options, "; compaction on 127.0.0.1:" + compaction.port());
          stop.await();
        }
      } else {
        ready(cluster, options, "");
        stop.await();
      }
      return 0;
    } catch (IOException | UncheckedIOException e) {
      err.println("cannot start: " + e.getMessage());
      return 1;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    }
  }

  private static SimulatedCluster start(Options options) {
    SimulatedCluster.Builder cluster =
        SimulatedCluster.builder()
            .port(options.port)
            .server(settings -> configure(settings, options))
            .simulateNodes(options.nodes)
            .simulateWorkloads(options.controllers || options.kubelet)
            .workloads(
                workloads ->
                    workloads
                        .controllers(options.controllers)
                        .scheduling(options.kubelet)
                        .kubelet(options.kubelet)
                        .everyNode(true));
    if (options.crds.isPresent()) {
      cluster.crds(options.crds.get());
    } else if (!options.kaitoCrds) {
      cluster.crds(List.of());
    }
    return cluster.start();
  }

  private static void configure(KubeApiServer.Builder server, Options options) {
    server.tls(options.tls).rbac(options.rbac);
    for (Options.User user : options.users) {
      server.user(user.name(), user.token(), user.groups().toArray(new String[0]));
    }
  }

  private void ready(SimulatedCluster cluster, Options options, String more) {
    out.println(
        "API server ready on " + cluster.url() + "; KUBECONFIG=" + options.kubeconfig + more);
    out.flush();
  }

  /** It holds a token, so only its owner may read it, where the file system knows owners. */
  private static void write(Path file, String text) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    Files.writeString(file, text);
    if (Files.getFileStore(file).supportsFileAttributeView("posix")) {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }
  }
}
