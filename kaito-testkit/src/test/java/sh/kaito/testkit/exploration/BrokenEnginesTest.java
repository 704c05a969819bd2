package sh.kaito.testkit.exploration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.KubeWatch;
import sh.kaito.api.provision.NodePhase;
import sh.kaito.api.provision.NodeProvisioner;
import sh.kaito.api.provision.NodeSetStatus;
import sh.kaito.core.engine.UpgradePolicy;
import sh.kaito.core.plan.Planner;
import sh.kaito.testkit.exploration.Exploration.Baseline;
import sh.kaito.testkit.exploration.Exploration.Case;

/** The exploration is worth something: it finds engines that are broken in the ways that cost. */
class BrokenEnginesTest {
  /** A defect, a case that must find it, and what that says. */
  enum Defect {
    /** Buys first, and puts the finalizer on some other time. */
    FINALIZER_TOO_LATE("create/throttle/1", "no finalizer") {
      @Override
      World.Make make() {
        return World.Make.transport(
            rewriting(
                "PATCH",
                "/workspaces/",
                body -> {
                  if (body.path("metadata").has("finalizers")) {
                    ((ObjectNode) body.get("metadata")).remove("finalizers");
                  }
                }));
      }
    },
    /** Takes an empty cache for proof that nothing exists. */
    GONE_FROM_CACHE(
        "cancel-at-once/crash-and-arrive-late/19", "the end was reached and lost again") {
      @Override
      World.Make make() {
        return World.Make.provisioner(BrokenEnginesTest::trustingItsCache);
      }
    },
    /** Names what it buys anew in every process. */
    RANDOM_NAMES("restart/crash-before/29", "bought 3 nodes instead of 1") {
      @Override
      World.Make make() {
        return World.Make.process((number, builder) -> builder.installation("run-" + number));
      }
    },
    /** Renders running models again when the library has become another. */
    RESTARTS_ON_UPGRADE("restart/throttle/1", "rendered again") {
      @Override
      World.Make make() {
        return World.Make.process(
            (number, builder) ->
                builder
                    .upgradePolicy(UpgradePolicy.ROLL)
                    .planner(
                        Planner.builder().imageRegistry("registry" + number + ".example").build()));
      }
    },
    /** Writes what it owns over a newer Workspace, and takes the finalizers off with it. */
    OVERWRITES_FINALIZERS("two-leaders/delay-event/1", "no finalizer") {
      @Override
      World.Make make() {
        return World.Make.transport(
            rewriting(
                "PATCH",
                "/workspaces/",
                body -> {
                  if (body.path("metadata").has("finalizers")) {
                    ((ObjectNode) body.get("metadata")).remove("resourceVersion");
                    ((ObjectNode) body.get("metadata")).putArray("finalizers");
                  }
                }));
      }
    },
    /** Takes a refused write for one that was done. */
    IGNORES_CONFLICTS("create/conflict/17", "was bought before finalizer and epoch") {
      @Override
      World.Make make() {
        return World.Make.transport(IgnoredConflicts::new);
      }
    },
    /** Deletes by name, whatever has that name by the time. */
    DELETES_UNCONDITIONALLY("retrain/arrive-late/26", "rendered again") {
      @Override
      World.Make make() {
        return World.Make.transport(
            rewriting("DELETE", "/jobs/", body -> body.remove("preconditions")));
      }
    },
    /** Tells how things stood when it looked last, long ago. */
    STATUS_FROM_A_STALE_OBSERVATION("node-loss/throttle/1", "says that it is ready, and no pod") {
      @Override
      World.Make make() {
        ObjectNode[] ready = new ObjectNode[1];
        return World.Make.transport(
            rewriting(
                "PATCH",
                "/status",
                body -> {
                  if (ready[0] != null) {
                    body.set("status", ready[0].deepCopy());
                  } else if (body.at("/status/state").asText().equals("Ready")) {
                    ready[0] = (ObjectNode) body.get("status").deepCopy();
                  }
                }));
      }
    };

    private final String found;
    private final String told;

    Defect(String found, String told) {
      this.found = found;
      this.told = told;
    }

    abstract World.Make make();
  }

  @ParameterizedTest
  @EnumSource(Defect.class)
  void isFound(Defect defect) {
    Case one = Case.parse(defect.found);
    Exploration real = new Exploration(World.Make.REAL);
    Baseline baseline = real.baseline(one.scenario());
    assertThat(real.run(one, baseline)).as("the real engine").isEmpty();
    Optional<String> failure = new Exploration(defect.make()).run(one, baseline);
    assertThat(failure).as("the engine with defect %s", defect).isPresent();
    assertThat(failure).as("what is told of it").get().asString().contains(defect.told);
  }

  /** Something that is done to the body of a request. */
  private interface Edit {
    void apply(ObjectNode body);
  }

  private static UnaryOperator<KubeTransport> rewriting(String method, String path, Edit edit) {
    return transport ->
        new KubeTransport() {
          @Override
          public CompletionStage<KubeResponse> exchange(KubeRequest request) {
            if (!request.method().equals(method) || !request.path().contains(path)) {
              return transport.exchange(request);
            }
            return transport.exchange(edited(request, edit));
          }

          @Override
          public KubeWatch watch(KubeRequest request, KubeWatch.Listener listener) {
            return transport.watch(request, listener);
          }

          @Override
          public void close() {
            transport.close();
          }
        };
  }

  private static KubeRequest edited(KubeRequest request, Edit edit) {
    if (!(Json.tree(request.body()) instanceof ObjectNode body)) {
      return request;
    }
    edit.apply(body);
    return request.toBuilder()
        .body(request.header("Content-Type").orElse("application/json"), Json.bytes(body))
        .build();
  }

  private static NodeProvisioner trustingItsCache(NodeProvisioner real) {
    return (NodeProvisioner)
        Proxy.newProxyInstance(
            NodeProvisioner.class.getClassLoader(),
            new Class<?>[] {NodeProvisioner.class},
            (proxy, method, arguments) -> {
              try {
                Object answer = method.invoke(real, arguments);
                boolean looks =
                    method.getName().equals("release") || method.getName().equals("observe");
                if (looks
                    && answer instanceof NodeSetStatus status
                    && status.phase() == NodePhase.RELEASING
                    && status.slots().isEmpty()) {
                  return NodeSetStatus.builder().phase(NodePhase.GONE).build();
                }
                return answer;
              } catch (InvocationTargetException e) {
                throw e.getCause() == null ? e : e.getCause();
              }
            });
  }
}
