package sh.kaito.testkit.junit;

import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Parameter;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.LifecycleMethodExecutionExceptionHandler;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.junit.platform.commons.support.AnnotationSupport;
import org.opentest4j.TestAbortedException;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.core.client.WorkspaceClient;
import sh.kaito.core.engine.KaitoController;
import sh.kaito.testkit.ClusterFeature;
import sh.kaito.testkit.Faults;
import sh.kaito.testkit.KubeApiServer;
import sh.kaito.testkit.KubeCluster;
import sh.kaito.testkit.SimulatedCluster;
import sh.kaito.testkit.SimulatedNodes;
import sh.kaito.testkit.SimulatedWorkloads;
import sh.kaito.testkit.UnsupportedFeatureException;
import sh.kaito.testkit.VirtualScheduler;

/**
 * What {@link KaitoCluster} and {@link Needs} do. Registered by them; JUnit's automatic detection
 * can register it for all tests of a module, so that each is skipped that asks a real cluster for
 * what it has not.
 */
public final class KaitoClusterExtension
    implements ParameterResolver,
        ExecutionCondition,
        AfterTestExecutionCallback,
        TestExecutionExceptionHandler,
        LifecycleMethodExecutionExceptionHandler {
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(KaitoClusterExtension.class);

  private static final Map<Class<?>, ClusterFeature> EMBEDDED_ONLY =
      Map.of(
          VirtualScheduler.class, ClusterFeature.VIRTUAL_TIME,
          Faults.class, ClusterFeature.FAULTS,
          SimulatedCluster.class, ClusterFeature.EMBEDDED_SERVER,
          KubeApiServer.class, ClusterFeature.EMBEDDED_SERVER);

  private static final Set<Class<?>> ON_EVERY_CLUSTER =
      Set.of(
          KubeCluster.class,
          WorkspaceClient.class,
          KubeTransport.class,
          Scheduler.class,
          SimulatedNodes.class,
          SimulatedWorkloads.class,
          KaitoController.class);

  /** The cluster of one test. */
  @SuppressWarnings("deprecation")
  private static final class Started
      implements ExtensionContext.Store.CloseableResource, AutoCloseable {
    final KubeCluster cluster;
    private @Nullable KaitoController controller;

    Started(KubeCluster cluster, boolean controller) {
      this.cluster = cluster;
      this.controller = controller ? cluster.startController() : null;
    }

    KaitoController controller() {
      KaitoController running = controller;
      if (running == null) {
        running = cluster.startController();
        controller = running;
      }
      return running;
    }

    @Override
    public void close() {
      cluster.close();
    }
  }

  /** For JUnit. */
  public KaitoClusterExtension() {}

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    if (!isReal()) {
      return ConditionEvaluationResult.enabled("an embedded cluster can do everything");
    }
    Set<ClusterFeature> needed = new LinkedHashSet<>();
    context.getElement().ifPresent(element -> needed.addAll(needs(element)));
    context
        .getTestMethod()
        .ifPresent(
            method -> {
              needed.addAll(needs(method.getDeclaringClass()));
              for (Parameter parameter : method.getParameters()) {
                ClusterFeature feature = EMBEDDED_ONLY.get(parameter.getType());
                if (feature != null) {
                  needed.add(feature);
                }
              }
            });
    if (needed.isEmpty()) {
      return ConditionEvaluationResult.enabled("runs on every cluster");
    }
    String reason = "needs " + String.join(", ", needed.stream().map(Object::toString).toList());
    skipped(context, reason);
    return ConditionEvaluationResult.disabled(reason);
  }

  private static List<ClusterFeature> needs(AnnotatedElement element) {
    return AnnotationSupport.findAnnotation(element, Needs.class)
        .map(needs -> List.of(needs.value()))
        .orElse(List.of());
  }

  private static boolean isReal() {
    return !System.getenv().getOrDefault(KubeCluster.KUBECONFIG_VARIABLE, "").isEmpty();
  }

  private static void skipped(ExtensionContext context, String reason) {
    String test =
        context.getTestClass().map(Class::getSimpleName).orElse("")
            + context
                .getTestMethod()
                .map(method -> "." + method.getName() + suffix(context))
                .orElse("");
    skipList(context).add(test, reason);
  }

  @Override
  public void afterTestExecution(ExtensionContext context) {
    boolean aborted =
        context.getExecutionException().filter(TestAbortedException.class::isInstance).isPresent();
    if (isReal() && !aborted) {
      skipList(context).ran();
    }
  }

  private static SkipList skipList(ExtensionContext context) {
    return stored(context.getRoot(), SkipList.class, () -> new SkipList(System.out));
  }

  /** One of several invocations says which. */
  private static String suffix(ExtensionContext context) {
    return context.getDisplayName().startsWith("[") ? " " + context.getDisplayName() : "";
  }

  @Override
  public void handleTestExecutionException(ExtensionContext context, Throwable throwable)
      throws Throwable {
    throw skippedIfUnsupported(context, throwable);
  }

  @Override
  public void handleBeforeEachMethodExecutionException(
      ExtensionContext context, Throwable throwable) throws Throwable {
    throw skippedIfUnsupported(context, throwable);
  }

  private static Throwable skippedIfUnsupported(ExtensionContext context, Throwable throwable) {
    if (throwable instanceof UnsupportedFeatureException unsupported) {
      skipped(context, "needs " + unsupported.feature());
      return new TestAbortedException(unsupported.getMessage(), unsupported);
    }
    return throwable;
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    return ON_EVERY_CLUSTER.contains(type) || EMBEDDED_ONLY.containsKey(type);
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    Started started = started(context);
    KubeCluster cluster = started.cluster;
    if (type == KubeCluster.class) {
      return cluster;
    } else if (type == WorkspaceClient.class) {
      return cluster.client();
    } else if (type == KubeTransport.class) {
      return cluster.transport();
    } else if (type == Scheduler.class) {
      return cluster.scheduler();
    } else if (type == SimulatedNodes.class) {
      return cluster.nodes();
    } else if (type == SimulatedWorkloads.class) {
      return cluster.workloads();
    } else if (type == KaitoController.class) {
      return started.controller();
    } else if (type == VirtualScheduler.class) {
      return cluster.virtualTime();
    } else if (type == Faults.class) {
      return cluster.faults();
    } else if (type == SimulatedCluster.class) {
      return cluster.simulated();
    } else if (type == KubeApiServer.class) {
      return cluster.simulated().server();
    }
    throw new ParameterResolutionException("no parameter of type " + type.getName() + " is known");
  }

  private static Started started(ExtensionContext context) {
    if (context.getTestMethod().isEmpty()) {
      throw new ParameterResolutionException(
          "each test has a cluster of its own: ask for it in a test or in @BeforeEach, not in"
              + " @BeforeAll or a constructor");
    }
    return stored(context, Started.class, () -> start(context));
  }

  /** JUnit 5 has only the method that JUnit 6 deprecates. */
  @SuppressWarnings("deprecation")
  private static <T> T stored(ExtensionContext context, Class<T> type, Supplier<T> creator) {
    T stored = context.getStore(NAMESPACE).getOrComputeIfAbsent(type, key -> creator.get(), type);
    return Objects.requireNonNull(stored);
  }

  private static Started start(ExtensionContext context) {
    KaitoCluster settings =
        context
            .getElement()
            .flatMap(element -> AnnotationSupport.findAnnotation(element, KaitoCluster.class))
            .or(
                () ->
                    context
                        .getTestClass()
                        .flatMap(
                            type -> AnnotationSupport.findAnnotation(type, KaitoCluster.class)))
            .orElseThrow(
                () ->
                    new ParameterResolutionException(
                        "a cluster is asked for, and neither the test nor its class has"
                            + " @KaitoCluster"));
    KubeCluster.Builder builder =
        KubeCluster.builder()
            .seed(settings.seed())
            .simulateNodes(settings.nodes())
            .server(server -> server.tls(settings.tls()).rbac(settings.rbac()));
    if (settings.http() || settings.tls()) {
      builder.http();
    }
    KubeCluster cluster = builder.start();
    try {
      return new Started(cluster, settings.controller());
    } catch (RuntimeException | Error e) {
      cluster.close();
      throw e;
    }
  }
}
