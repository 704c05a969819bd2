package sh.kaito.testkit.internal.sim.kubelet;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.sim.SimCluster;

/**
 * Moves a pod through its life: images, init containers one after the other, containers, probes,
 * crashes, the end. It changes the {@link PodRun} and says when; what is written is decided
 * elsewhere.
 */
final class PodLife {
  /** From ErrImagePull to ImagePullBackOff; the kubelet's next look at the pod. */
  private static final Duration PULL_BACKOFF_SHOWS = Duration.ofSeconds(10);

  /** How often a member of a group looks for the others. */
  private static final Duration RENDEZVOUS = Duration.ofSeconds(5);

  private static final int KILLED = 137;

  private final SimCluster cluster;
  private final KubeletSettings settings;
  private final Consumer<PodRun> changed;
  private final RegistryWork registries;

  private final PodServers servers;

  PodLife(
      SimCluster cluster,
      KubeletSettings settings,
      Function<String, @Nullable PodRun> pods,
      Consumer<PodRun> changed) {
    this.cluster = cluster;
    this.settings = settings;
    this.changed = changed;
    this.servers = new PodServers(settings, pods);
    this.registries = new RegistryWork(cluster, settings.registries());
  }

  void begin(PodRun run) {
    run.behavior
        .evictedAfter()
        .ifPresent(
            after ->
                later(
                    run,
                    run.begun.plus(after),
                    () -> evict(run, "The node was low on resource: memory. (simulated)")));
    advance(run);
  }

  /** Takes over a pod that an earlier run of the simulator had brought to ready. */
  void resume(PodRun run) {
    Instant now = cluster.now();
    run.nextInit = run.init.size();
    for (Container container : run.init) {
      container.running(now);
      if (container.sidecar) {
        container.started = true;
        container.ready = true;
      } else {
        container.terminated(0, "Completed", "", now);
      }
    }
    for (Container container : run.main) {
      container.running(now);
      container.started = true;
      container.ready = true;
      servers.listen(run, container);
    }
  }

  private void later(PodRun run, Instant at, Runnable task) {
    cluster.at(
        at,
        () -> {
          if (!run.stopped) {
            task.run();
          }
        });
  }

  private void later(PodRun run, Container container, Instant at, Runnable task) {
    int generation = container.generation;
    later(
        run,
        at,
        () -> {
          if (container.generation == generation) {
            task.run();
          }
        });
  }

  private void advance(PodRun run) {
    if (run.nextInit < run.init.size()) {
      pull(run, run.init.get(run.nextInit));
    } else {
      for (Container container : run.main) {
        if (container.state == Container.State.WAITING && container.startedAt == null) {
          container.waiting("ContainerCreating", "");
          pull(run, container);
        }
      }
    }
    changed.accept(run);
  }

  private void pull(PodRun run, Container container) {
    Instant now = cluster.now();
    if (run.behavior.imagePullFails()) {
      Instant failed = container.pullFailedAt == null ? now : container.pullFailedAt;
      container.pullFailedAt = failed;
      Optional<Instant> recovers = run.behavior.imagePullRecoversAfter().map(failed::plus);
      if (recovers.isEmpty() || recovers.get().isAfter(now)) {
        pullProblem(run, container, run.behavior.imagePullMessage(), now);
        recovers.ifPresent(
            at ->
                later(
                    run,
                    container,
                    at,
                    () -> {
                      container.generation++;
                      pull(run, container);
                    }));
        return;
      }
    }
    if (registries.asks(container)) {
      int generation = container.generation;
      registries.pull(
          run,
          container,
          problem -> {
            if (run.stopped || container.generation != generation) {
              return;
            }
            if (problem.isEmpty()) {
              pulled(run, container);
            } else {
              notPulled(run, container, problem);
            }
          });
    } else {
      pulled(run, container);
    }
  }

  private void pulled(PodRun run, Container container) {
    Duration delay = run.behavior.pullDelay().orElse(settings.pull());
    if (delay.isZero()) {
      start(run, container);
    } else {
      later(run, container, cluster.now().plus(delay), () -> start(run, container));
    }
  }

  /** A kubelet asks again after 10 s, then twice as long each time, at most 5 minutes. */
  private void notPulled(PodRun run, Container container, String problem) {
    Instant now = cluster.now();
    pullProblem(run, container, problem, now);
    changed.accept(run);
    Duration pause = Container.backoff(++container.pulls);
    later(
        run,
        container,
        now.plus(pause),
        () -> {
          container.generation++;
          pull(run, container);
        });
  }

  private void pullProblem(PodRun run, Container container, String problem, Instant now) {
    String image = container.spec.path("image").asText();
    container.waiting("ErrImagePull", "failed to pull image \"" + image + "\": " + problem);
    later(
        run,
        container,
        now.plus(PULL_BACKOFF_SHOWS),
        () -> {
          container.waiting(
              "ImagePullBackOff",
              "Back-off pulling image \"" + image + "\": ErrImagePull: " + problem);
          changed.accept(run);
        });
  }

  private void start(PodRun run, Container container) {
    Instant now = cluster.now();
    container.running(now);
    changed.accept(run);
    if (container.sidecar) {
      container.started = true;
      container.ready = true;
      run.nextInit++;
      advance(run);
      return;
    }
    boolean crashes = container == run.main.get(0) && container.crashes < run.behavior.crashes();
    if (crashes) {
      later(
          run,
          container,
          now.plus(run.behavior.crashAfter()),
          () ->
              exit(
                  run,
                  container,
                  run.behavior.crashExitCode(),
                  run.behavior.crashReason(),
                  run.behavior.crashMessage()));
    } else if (container.init || !run.restarts) {
      boolean works = doesTheWork(run, container);
      Duration duration = works ? run.behavior.workTime().orElse(settings.work()) : Duration.ZERO;
      int code = works ? run.behavior.exitCode() : 0;
      boolean transfers = code == 0 && registries.works(run, container);
      later(
          run,
          container,
          now.plus(duration),
          () -> {
            if (transfers) {
              transfer(run, container);
            } else {
              end(run, container, code, "");
            }
          });
    }
    if (!container.init) {
      serve(run, container, now);
    }
  }

  private void transfer(PodRun run, Container container) {
    int generation = container.generation;
    registries.work(
        run,
        container,
        (code, log) -> {
          if (!run.stopped && container.generation == generation) {
            end(run, container, code, log);
          }
        });
  }

  /** Ends a program; its log is the message where the container asks for that. */
  private void end(PodRun run, Container container, int code, String log) {
    boolean told =
        container.spec.path("terminationMessagePolicy").asText().equals("FallbackToLogsOnError");
    exit(run, container, code, code == 0 ? "Completed" : "Error", code != 0 && told ? log : "");
  }

  /**
   * In a Job the containers with GPUs do the work, or all of the pod where none has any; init
   * containers of other pods only prepare.
   */
  private static boolean doesTheWork(PodRun run, Container container) {
    if (run.restarts) {
      return false;
    }
    boolean anyGpu =
        run.main.stream().anyMatch(other -> ContainerPrograms.usesGpu(other.spec))
            || run.init.stream().anyMatch(other -> ContainerPrograms.usesGpu(other.spec));
    return anyGpu ? ContainerPrograms.usesGpu(container.spec) : !container.init;
  }

  private void serve(PodRun run, Container container, Instant now) {
    boolean model = ContainerPrograms.model(run.pod, container.spec).isPresent();
    Duration loading =
        model ? run.behavior.weightsDelay().orElse(settings.weights()) : Duration.ZERO;
    if (loading.isZero()) {
      listen(run, container);
    } else {
      later(run, container, now.plus(loading), () -> listen(run, container));
    }
    JsonNode startup = container.spec.path("startupProbe");
    if (startup.isObject()) {
      later(
          run,
          container,
          Probes.first(startup, now, now),
          () -> startupProbe(run, container, startup, 1));
    } else {
      afterStartup(run, container, now);
    }
  }

  private void listen(PodRun run, Container container) {
    if (servers.isGroupComplete(run, container)) {
      servers.listen(run, container);
    } else {
      later(run, container, cluster.now().plus(RENDEZVOUS), () -> listen(run, container));
    }
  }

  private void afterStartup(PodRun run, Container container, Instant startedAt) {
    Instant now = cluster.now();
    container.started = true;
    JsonNode readiness = container.spec.path("readinessProbe");
    if (readiness.isObject()) {
      later(
          run,
          container,
          Probes.first(readiness, startedAt, now),
          () -> readinessProbe(run, container, readiness));
    } else {
      container.ready = true;
    }
    JsonNode liveness = container.spec.path("livenessProbe");
    if (liveness.isObject()) {
      later(
          run,
          container,
          Probes.first(liveness, startedAt, now),
          () -> livenessProbe(run, container, liveness, 1));
    }
    changed.accept(run);
  }

  private void startupProbe(PodRun run, Container container, JsonNode probe, int attempt) {
    if (Probes.succeeds(probe, run, container, settings.network())) {
      Instant startedAt = container.startedAt;
      afterStartup(run, container, startedAt == null ? cluster.now() : startedAt);
    } else if (attempt >= Probes.failureThreshold(probe)) {
      exit(run, container, KILLED, "Error", "");
    } else {
      later(
          run,
          container,
          cluster.now().plus(Probes.period(probe)),
          () -> startupProbe(run, container, probe, attempt + 1));
    }
  }

  private void readinessProbe(PodRun run, Container container, JsonNode probe) {
    boolean ready = Probes.succeeds(probe, run, container, settings.network());
    if (ready != container.ready) {
      container.ready = ready;
      changed.accept(run);
    }
    // A ready container is asked again when a test makes it sick; nothing else can.
    if (!ready) {
      later(
          run,
          container,
          cluster.now().plus(Probes.period(probe)),
          () -> readinessProbe(run, container, probe));
    }
  }

  private void livenessProbe(PodRun run, Container container, JsonNode probe, int attempt) {
    if (Probes.succeeds(probe, run, container, settings.network())) {
      return;
    }
    if (attempt >= Probes.failureThreshold(probe)) {
      exit(run, container, KILLED, "Error", "");
    } else {
      later(
          run,
          container,
          cluster.now().plus(Probes.period(probe)),
          () -> livenessProbe(run, container, probe, attempt + 1));
    }
  }

  /** Ends a container and does what the pod's restart policy says. */
  void exit(PodRun run, Container container, int code, String reason, String message) {
    Instant now = cluster.now();
    container.terminated(code, reason, message, now);
    if (!container.init) {
      servers.stop(run);
    }
    boolean again = !(container.init && code == 0) && restarts(run, container, code);
    if (again) {
      container.crashes++;
      Duration pause = container.backoff();
      container.keepEnd();
      if (pause.isZero()) {
        container.restarts++;
        start(run, container);
      } else {
        container.waiting(
            "CrashLoopBackOff",
            "back-off "
                + pause.toSeconds()
                + "s restarting failed container="
                + container.name
                + " pod="
                + run.key.replace('/', '_'));
        later(
            run,
            container,
            now.plus(pause),
            () -> {
              container.restarts++;
              start(run, container);
            });
      }
    } else if (container.init && code == 0) {
      run.nextInit++;
      advance(run);
    }
    changed.accept(run);
  }

  private static boolean restarts(PodRun run, Container container, int code) {
    return container.init
        ? run.restartsOnFailure
        : run.restarts || (run.restartsOnFailure && code != 0);
  }

  /** Ends all containers at once; the pod has failed. */
  void evict(PodRun run, String message) {
    if (run.isOver()) {
      return;
    }
    run.failureReason = "Evicted";
    run.failureMessage = message;
    Instant now = cluster.now();
    for (Container container : run.main) {
      if (container.isRunning()) {
        container.terminated(KILLED, "Error", "", now);
      }
    }
    end(run);
    changed.accept(run);
  }

  void setHealthy(PodRun run, boolean healthy) {
    run.healthy = healthy;
    servers.healthChanged(run);
    if (healthy) {
      return;
    }
    for (Container container : run.main) {
      JsonNode readiness = container.spec.path("readinessProbe");
      if (container.isRunning() && container.ready && readiness.isObject()) {
        Duration notice = Probes.period(readiness).multipliedBy(Probes.failureThreshold(readiness));
        later(
            run,
            container,
            cluster.now().plus(notice),
            () -> readinessProbe(run, container, readiness));
      }
      JsonNode liveness = container.spec.path("livenessProbe");
      if (container.isRunning() && container.started && liveness.isObject()) {
        later(
            run,
            container,
            cluster.now().plus(Probes.period(liveness)),
            () -> livenessProbe(run, container, liveness, 1));
      }
    }
  }

  /** Stops what runs in the pod; its status stays as it is. */
  void end(PodRun run) {
    run.stopped = true;
    servers.stop(run);
  }

  /** Stops what listens in all pods, on the caller's thread. */
  void close() {
    servers.close();
  }
}
