package sh.kaito.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.api.provision.NodePhase;
import sh.kaito.core.internal.kube.KubeClient;
import sh.kaito.core.internal.kube.ScriptedTransport;

/** Which decisions are not carried out before somebody has looked for another operator. */
class BeforePurchaseTest {
  private Instant now = Scene.NOON;
  private int looks;

  private final Scheduler time =
      new Scheduler() {
        @Override
        public Clock clock() {
          return ((InstantSource) () -> now).withZone(ZoneOffset.UTC);
        }

        @Override
        public Executor executor() {
          return Runnable::run;
        }

        @Override
        public Timer schedule(Duration delay, Runnable task) {
          throw new IllegalStateException("nothing waits here");
        }

        @Override
        public RandomGenerator random() {
          return new SplittableRandom(7);
        }
      };

  private String holdAfter(Scene scene) {
    PurchaseGuard guard =
        PurchaseGuard.of(
            time,
            () -> {
              looks++;
              return CompletableFuture.completedFuture(Optional.of("another one is there"));
            });
    KubeClient client = KubeClient.of(ScriptedTransport.answering(), "kaito-java");
    BeforePurchase before = new BeforePurchase(new Prerequisites(client, time, () -> true), guard);
    now = now.plus(PurchaseGuard.FRESH).plusSeconds(1);
    KeyState state = new KeyState();
    Observation seen = scene.observation();
    Decision decision = scene.decide();
    if (before.look(Scene.KEY, state, decision, seen).isEmpty()) {
      return "carried out";
    }
    before.look(Scene.KEY, state, decision, seen);
    return state.hold;
  }

  @Test
  void aSettledWorkspaceAsksNothing() {
    assertThat(holdAfter(new Scene())).isEqualTo("carried out");
    assertThat(looks).as("looks").isZero();
  }

  @Test
  void aReplacementBesideAFinalizerThatWasStrippedIsAPurchase() {
    Scene scene = new Scene();
    scene.finalizers = List.of();
    scene.nodes = Scene.nodes(NodePhase.PENDING, true);
    assertThat(holdAfter(scene)).isEqualTo("another one is there");
  }

  @Test
  void aNodeThatIsBoughtOrReplacedIsAPurchase() {
    for (boolean lost : List.of(true, false)) {
      Scene scene = new Scene();
      scene.nodes = Scene.nodes(NodePhase.PENDING, lost);
      assertThat(holdAfter(scene)).as("lost: %s", lost).isEqualTo("another one is there");
    }
  }

  @Test
  void takingOverIsGuardedAsAPurchaseIs() {
    for (boolean deleting : List.of(true, false)) {
      Scene scene = new Scene();
      scene.deleting = deleting;
      scene.labels = Map.of("java.kaito.sh/operator", "java");
      scene.annotations = Map.of("workspace.kaito.io/hash", "abc");
      assertThat(Scene.all(scene.decide(), Step.AdoptNodes.class)).hasSize(1);
      assertThat(holdAfter(scene)).as("deleting: %s", deleting).isEqualTo("another one is there");
    }
  }
}
