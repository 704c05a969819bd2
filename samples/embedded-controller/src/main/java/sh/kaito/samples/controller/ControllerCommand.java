package sh.kaito.samples.controller;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.provision.NodeProvisioner;
import sh.kaito.core.engine.ControllerStoppedException;
import sh.kaito.core.engine.KaitoController;
import sh.kaito.core.engine.KaitoMetrics;
import sh.kaito.core.install.CrdInstaller;
import sh.kaito.core.install.CrdRefusedException;
import sh.kaito.core.install.Finding;
import sh.kaito.core.install.KaitoPrerequisites;
import sh.kaito.core.install.KaitoRbac;
import sh.kaito.core.kube.HttpKubeTransport;
import sh.kaito.core.provision.ByoProvisioner;
import sh.kaito.core.provision.ClaimProvisioner;

/** A process that is the operator, against the cluster of {@code KUBECONFIG}. */
public final class ControllerCommand {
  private static final Logger LOG = LoggerFactory.getLogger(ControllerCommand.class);
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final Options options;
  private final PrintStream out;

  private ControllerCommand(Options options, PrintStream out) {
    this.options = options;
    this.out = out;
  }

  /** Runs until SIGTERM. */
  public static void main(String[] args) {
    int code = run(List.of(args), System.out, System.err);
    if (code != 0) {
      System.exit(code);
    }
  }

  /** Runs; returns the exit code. */
  static int run(List<String> arguments, PrintStream out, PrintStream err) {
    Options options;
    try {
      options = Options.parse(arguments);
    } catch (IllegalArgumentException e) {
      err.println(e.getMessage());
      err.println("--help shows all options");
      return 2;
    }
    if (options.help) {
      out.print(Options.USAGE);
      return 0;
    }
    try {
      return new ControllerCommand(options, out).run();
    } catch (ControllerStoppedException | CrdRefusedException | IllegalStateException e) {
      err.println(e.getMessage());
      return 1;
    } catch (IOException e) {
      err.println("the metrics port cannot be opened: " + e.getMessage());
      return 1;
    }
  }

  private int run() throws IOException {
    if (options.printRbac) {
      out.print(rbac());
      return 0;
    }
    try (KubeTransport transport = HttpKubeTransport.fromDefaultConfig()) {
      if (options.check) {
        return check(transport);
      }
      if (options.installCrds) {
        CrdInstaller.install(transport, LIMIT);
      }
      return operate(transport);
    }
  }

  private int operate(KubeTransport transport) throws IOException {
    CountDownLatch ended = new CountDownLatch(1);
    try (KaitoController controller = controller(transport)) {
      // SIGTERM: first the controller ends, then the process.
      Thread hook = new Thread(() -> stop(controller, ended), "kaito-stop");
      Runtime.getRuntime().addShutdownHook(hook);
      if (options.metricsPort.isPresent()) {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        KaitoMetrics.bind(controller, registry);
        try (ProbeServer probes =
            ProbeServer.start(
                options.metricsHost, options.metricsPort.get(), controller, registry)) {
          LOG.info("metrics and probes on {}:{}", options.metricsHost, probes.port());
          controller.run();
        }
      } else {
        controller.run();
      }
    } finally {
      ended.countDown();
    }
    return 0;
  }

  private static void stop(KaitoController controller, CountDownLatch ended) {
    controller.close();
    try {
      if (!ended.await(10, TimeUnit.SECONDS)) {
        LOG.warn("the process did not end in good order");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private KaitoController controller(KubeTransport transport) {
    KaitoController.Builder builder =
        KaitoController.builder(transport)
            .provisioner(this::provisioner)
            .installation(options.installation)
            .workers(options.workers);
    if (!options.namespaces.isEmpty()) {
      builder.namespaces(options.namespaces);
    }
    if (!options.selector.isEmpty()) {
      builder.selector(options.selector);
    }
    options.lease.ifPresent(
        lease -> builder.leaderElection(lease.split("/", 2)[0], lease.split("/", 2)[1]));
    if (options.qps > 0) {
      builder.rateLimit(options.qps, options.burst > 0 ? options.burst : 2 * options.qps);
    }
    options.adopt.ifPresent(builder::adoptionPolicy);
    if (options.alongsideGoOperator) {
      builder.alongsideGoOperator();
    }
    return builder.build();
  }

  private NodeProvisioner provisioner() {
    return switch (options.provisioner) {
      case "gpu-provisioner" -> ClaimProvisioner.gpuProvisioner();
      case "karpenter" -> ClaimProvisioner.karpenter(options.nodeClass);
      case "machine" -> ClaimProvisioner.machine();
      case "byo" -> ByoProvisioner.create();
      default -> throw new IllegalStateException("no provisioner " + options.provisioner);
    };
  }

  private String rbac() {
    KaitoRbac roles = KaitoRbac.roles().namespaces(options.namespaces).withNamespaces();
    switch (options.provisioner) {
      case "machine" -> roles.machines();
      case "byo" -> roles.ownNodes();
      default -> roles.nodeClaims();
    }
    options.lease.ifPresent(
        lease -> roles.leaderElection(lease.split("/", 2)[0], lease.split("/", 2)[1]));
    if (options.adopt.isPresent()) {
      roles.handover();
    }
    if (options.installCrds) {
      roles.crdInstallation();
    }
    if (options.check) {
      roles.prerequisites();
    }
    return roles.yaml();
  }

  private int check(KubeTransport transport) {
    KaitoPrerequisites prerequisites =
        KaitoPrerequisites.of(transport)
            .namespaces(options.namespaces.isEmpty() ? List.of("default") : options.namespaces);
    switch (options.provisioner) {
      case "machine" -> prerequisites.machines();
      case "byo" -> {}
      default -> prerequisites.nodeClaims();
    }
    options.lease.ifPresent(lease -> prerequisites.leaderElection(lease.split("/", 2)[0]));
    try {
      List<Finding> findings =
          prerequisites.check().toCompletableFuture().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
      findings.forEach(out::println);
      out.println(verdict(findings));
      return errors(findings) > 0 ? 1 : 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("the API server does not answer: " + e.getMessage(), e);
    }
  }

  private static long errors(List<Finding> findings) {
    return findings.stream().filter(it -> it.severity() == Finding.Severity.ERROR).count();
  }

  /** The last line of a check: whether it can work here. */
  static String verdict(List<Finding> findings) {
    long errors = errors(findings);
    long warnings = findings.size() - errors;
    String warned = warnings == 0 ? "" : counted(warnings, "warning");
    if (errors == 0) {
      return "OK: it can work here" + (warned.isEmpty() ? "" : ", with " + warned);
    }
    return "NOT READY: "
        + counted(errors, "error")
        + (warned.isEmpty() ? "" : " and " + warned)
        + "; it cannot work here before the errors are mended";
  }

  private static String counted(long count, String what) {
    return count + " " + what + (count == 1 ? "" : "s");
  }
}
