package sh.kaito.testkit.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static sh.kaito.testkit.sim.SimWorld.CLAIMS;
import static sh.kaito.testkit.sim.SimWorld.DEPLOYMENTS;
import static sh.kaito.testkit.sim.SimWorld.JOBS;
import static sh.kaito.testkit.sim.SimWorld.PODS;
import static sh.kaito.testkit.sim.SimWorld.SETS;
import static sh.kaito.testkit.sim.SimWorld.claim;
import static sh.kaito.testkit.sim.SimWorld.condition;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import sh.kaito.testkit.PodBehavior;
import sh.kaito.testkit.PodView;

class PodFaultsTest {

  private static SimWorld world(Function<PodView, PodBehavior> behavior) {
    SimWorld world =
        SimWorld.of(
            nodes -> nodes,
            workloads -> workloads.behavior(behavior).workTime(Duration.ofMinutes(20)));
    world.create(CLAIMS, claim("c0", "Standard_NC6s_v3"));
    world.settle();
    return world;
  }

  private static SimWorld setWith(PodBehavior behavior) {
    SimWorld world = world(pod -> behavior);
    world.create(SETS, SimWorld.statefulSet(1));
    return world;
  }

  private static JsonNode pod(SimWorld world) {
    return world.get(PODS + "/w-0");
  }

  private static String waiting(SimWorld world) {
    return pod(world).at("/status/containerStatuses/0/state/waiting/reason").asText();
  }

  @Test
  void imageThatCannotBePulledBacksOffAndRecovers() {
    PodBehavior behavior =
        PodBehavior.builder()
            .imagePullFails(true)
            .imagePullMessage("manifest unknown")
            .imagePullRecoversAfter(Duration.ofMinutes(5))
            .build();
    try (SimWorld world = setWith(behavior)) {
      world.settle();
      assertThat(waiting(world)).isEqualTo("ErrImagePull");
      world.advance(Duration.ofSeconds(10));
      assertThat(waiting(world)).isEqualTo("ImagePullBackOff");
      assertThat(pod(world).at("/status/containerStatuses/0/state/waiting/message").asText())
          .contains("kaito-phi-3-mini-4k-instruct:0.0.2", "manifest unknown");
      assertThat(pod(world).at("/status/phase").asText()).isEqualTo("Pending");
      world.advance(Duration.ofMinutes(6));
      assertThat(condition(pod(world), "Ready")).isEqualTo("True");
    }
  }

  @Test
  void crashingContainerIsRestartedWithGrowingPauses() {
    try (SimWorld world = setWith(PodBehavior.crashLoop(Duration.ofSeconds(5), "boom"))) {
      world.advance(Duration.ofSeconds(5));
      JsonNode status = pod(world).at("/status/containerStatuses/0");
      assertThat(status.at("/restartCount").asInt())
          .as("the first restart is at once")
          .isEqualTo(1);
      assertThat(status.at("/lastState/terminated/exitCode").asInt()).isEqualTo(1);
      world.advance(Duration.ofSeconds(5));
      assertThat(waiting(world)).isEqualTo("CrashLoopBackOff");
      status = pod(world).at("/status/containerStatuses/0");
      assertThat(status.at("/lastState/terminated/message").asText()).isEqualTo("boom");
      assertThat(status.at("/state/waiting/message").asText()).startsWith("back-off 10s");
      world.advance(Duration.ofMinutes(30));
      assertThat(pod(world).at("/status/containerStatuses/0/restartCount").asInt())
          .as("10, 20, 40, 80, 160 and then 300 seconds between")
          .isBetween(7, 12);
      assertThat(condition(pod(world), "Ready")).isEqualTo("False ContainersNotReady");
    }
  }

  @Test
  void containerThatCrashesTwiceThenStays() {
    PodBehavior behavior =
        PodBehavior.builder().crashes(2).crashAfter(Duration.ofSeconds(5)).build();
    try (SimWorld world = setWith(behavior)) {
      world.advance(Duration.ofMinutes(2));
      assertThat(condition(pod(world), "Ready")).isEqualTo("True");
      assertThat(pod(world).at("/status/containerStatuses/0/restartCount").asInt()).isEqualTo(2);
    }
  }

  @Test
  void outOfMemoryShowsAsOomKilled() {
    try (SimWorld world = setWith(PodBehavior.outOfMemory(Duration.ofSeconds(40)))) {
      world.advance(Duration.ofSeconds(85));
      JsonNode last = pod(world).at("/status/containerStatuses/0/lastState/terminated");
      assertThat(last.path("reason").asText()).isEqualTo("OOMKilled");
      assertThat(last.path("exitCode").asInt()).isEqualTo(137);
    }
  }

  @Test
  void modelThatNeverReportsHealthIsRestartedByItsLivenessProbe() {
    try (SimWorld world = setWith(PodBehavior.neverReady())) {
      world.advance(Duration.ofMinutes(10));
      assertThat(pod(world).at("/status/containerStatuses/0/restartCount").asInt()).isZero();
      assertThat(condition(pod(world), "Ready")).isEqualTo("False ContainersNotReady");
      world.advance(Duration.ofMinutes(1));
      assertThat(pod(world).at("/status/containerStatuses/0/restartCount").asInt())
          .as("600 s initial delay, three failures 10 s apart")
          .isEqualTo(1);
    }
  }

  @Test
  void startupProbeRestartsWhatIsTooSlow() {
    PodBehavior behavior = PodBehavior.builder().weightsDelay(Duration.ofMinutes(10)).build();
    try (SimWorld world = world(pod -> behavior)) {
      world.create(
          SETS,
          SimWorld.statefulSet(1)
              .replace(
                  "        livenessProbe:",
                  "        startupProbe:\n"
                      + "          httpGet: {path: /healthz, port: 5000}\n"
                      + "          periodSeconds: 10\n"
                      + "          failureThreshold: 6\n"
                      + "        livenessProbe:"));
      world.advance(Duration.ofSeconds(49));
      assertThat(pod(world).at("/status/containerStatuses/0/restartCount").asInt()).isZero();
      world.advance(Duration.ofSeconds(1));
      assertThat(pod(world).at("/status/containerStatuses/0/restartCount").asInt()).isEqualTo(1);
    }
  }

  @Test
  void healthLostLaterTakesReadinessAndComesBack() {
    try (SimWorld world = setWith(PodBehavior.normal())) {
      world.advance(Duration.ofMinutes(2));
      assertThat(condition(pod(world), "Ready")).isEqualTo("True");
      world.workloads.setHealthy("default", "w-0", false);
      world.advance(Duration.ofSeconds(31));
      assertThat(condition(pod(world), "Ready")).isEqualTo("False ContainersNotReady");
      assertThat(world.get(SETS + "/w").at("/status/readyReplicas").asInt()).isZero();
      world.workloads.setHealthy("default", "w-0", true);
      world.advance(Duration.ofMinutes(2));
      assertThat(condition(pod(world), "Ready")).isEqualTo("True");
    }
  }

  @Test
  void evictedPodFailsAndIsReplaced() {
    try (SimWorld world =
        world(
            pod ->
                pod.ordinal() == 0
                    ? PodBehavior.builder().evictedAfter(Duration.ofMinutes(3)).build()
                    : PodBehavior.normal())) {
      world.create(DEPLOYMENTS, SimWorld.deployment(1));
      world.advance(Duration.ofMinutes(10));
      assertThat(world.list(PODS)).hasSize(2);
      assertThat(world.list(PODS))
          .anySatisfy(
              evicted -> {
                assertThat(evicted.at("/status/phase").asText()).isEqualTo("Failed");
                assertThat(evicted.at("/status/reason").asText()).isEqualTo("Evicted");
                assertThat(condition(evicted, "DisruptionTarget"))
                    .isEqualTo("True TerminationByKubelet");
              })
          .anySatisfy(fresh -> assertThat(condition(fresh, "Ready")).isEqualTo("True"));
    }
  }

  private static String job(int backoffLimit) {
    return """
        apiVersion: batch/v1
        kind: Job
        metadata: {name: tune}
        spec:
          backoffLimit: %d
          template:
            metadata: {labels: {kaito.sh/workspace: w}}
            spec:
              restartPolicy: Never
              tolerations: [{key: sku, operator: Equal, value: gpu, effect: NoSchedule}]
              initContainers:
              - {name: data, image: curl}
              - name: trainer
                image: mcr.microsoft.com/aks/kaito/kaito-phi-3-mini-4k-instruct:0.0.2
                command: [accelerate, launch, fine_tuning.py]
                resources: {limits: {nvidia.com/gpu: "1"}, requests: {nvidia.com/gpu: "1"}}
              containers:
              - {name: pusher, image: oras}
        """
        .formatted(backoffLimit);
  }

  @Test
  void jobEndsWellAfterItsWork() {
    try (SimWorld world = world(pod -> PodBehavior.normal())) {
      world.create(JOBS, job(0));
      world.advance(Duration.ofMinutes(19));
      JsonNode pod = world.list(PODS).get(0);
      assertThat(pod.at("/metadata/labels/job-name").asText()).isEqualTo("tune");
      assertThat(pod.at("/status/initContainerStatuses/1/state/running").isMissingNode())
          .as("the trainer trains")
          .isFalse();
      assertThat(world.get(JOBS + "/tune").at("/status/active").asInt()).isEqualTo(1);
      world.advance(Duration.ofMinutes(1));
      JsonNode job = world.get(JOBS + "/tune");
      assertThat(condition(job, "Complete")).isEqualTo("True CompletionsReached");
      assertThat(condition(job, "SuccessCriteriaMet")).isEqualTo("True CompletionsReached");
      assertThat(job.at("/status/succeeded").asInt()).isEqualTo(1);
      assertThat(job.at("/status/completionTime").isMissingNode()).isFalse();
      assertThat(world.list(PODS).get(0).at("/status/phase").asText()).isEqualTo("Succeeded");
    }
  }

  @Test
  void jobFailsWhenItsTrainerDoes() {
    try (SimWorld world = world(pod -> PodBehavior.exits(3))) {
      world.create(JOBS, job(0));
      world.advance(Duration.ofMinutes(20));
      JsonNode job = world.get(JOBS + "/tune");
      assertThat(condition(job, "Failed")).isEqualTo("True BackoffLimitExceeded");
      assertThat(job.at("/status/failed").asInt()).isEqualTo(1);
      JsonNode pod = world.list(PODS).get(0);
      assertThat(pod.at("/status/phase").asText()).isEqualTo("Failed");
      assertThat(pod.at("/status/initContainerStatuses/1/state/terminated/exitCode").asInt())
          .isEqualTo(3);
    }
  }

  @Test
  void jobTriesAgainWithinItsLimitAndGoesAfterItsTime() {
    try (SimWorld world =
        world(pod -> pod.ordinal() == 0 ? PodBehavior.exits(1) : PodBehavior.normal())) {
      world.create(
          JOBS,
          job(3).replace("  backoffLimit: 3", "  backoffLimit: 3\n  ttlSecondsAfterFinished: 60"));
      world.advance(Duration.ofMinutes(41));
      JsonNode job = world.get(JOBS + "/tune");
      assertThat(condition(job, "Complete")).isEqualTo("True CompletionsReached");
      assertThat(job.at("/status/failed").asInt()).isEqualTo(1);
      world.advance(Duration.ofMinutes(2));
      assertThat(world.list(JOBS)).isEmpty();
      assertThat(world.list(PODS)).isEmpty();
    }
  }
}
