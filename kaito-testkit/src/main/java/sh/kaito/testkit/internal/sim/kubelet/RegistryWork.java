package sh.kaito.testkit.internal.sim.kubelet;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import sh.kaito.core.internal.settings.TrainingSettings;
import sh.kaito.testkit.internal.registry.AdapterImage;
import sh.kaito.testkit.internal.registry.ImageContent;
import sh.kaito.testkit.internal.registry.ImageReference;
import sh.kaito.testkit.internal.registry.RegistryClient;
import sh.kaito.testkit.internal.registry.RegistryClient.RefusedException;
import sh.kaito.testkit.internal.registry.RegistryConnection;
import sh.kaito.testkit.internal.sim.Objects;
import sh.kaito.testkit.internal.sim.SimCluster;

/**
 * What containers do with registries that a test named: the kubelet pulls their images, and the
 * programs that push, pull and copy really do so, by the protocol. Images of other registries are
 * taken as there. On the strand of its cluster; nothing waits.
 */
final class RegistryWork {
  private final SimCluster cluster;
  private final Map<String, RegistryConnection> registries;
  private final PodSecrets secrets;

  RegistryWork(SimCluster cluster, Map<String, RegistryConnection> registries) {
    this.cluster = cluster;
    this.registries = registries;
    this.secrets = new PodSecrets(cluster);
  }

  /** The end of a program. */
  interface End {
    void accept(int exitCode, String log);
  }

  private Optional<ImageReference> known(String image) {
    return ImageReference.parse(image).filter(name -> registries.containsKey(name.registry()));
  }

  /** Whether the kubelet must ask a registry for the image. */
  boolean asks(Container container) {
    return known(Objects.text(container.spec, "image")).isPresent();
  }

  /** Asks as the kubelet does, with the pod's pull secrets; an empty answer means that it came. */
  void pull(PodRun run, Container container, Consumer<String> problem) {
    String image = Objects.text(container.spec, "image");
    ImageReference name = known(image).orElseThrow();
    finish(
        secrets
            .pullCredentials(run.pod, name.registry())
            .thenCompose(found -> client(name, found).check(name.reference())),
        (done, failure) ->
            problem.accept(
                failure == null
                    ? ""
                    : failure instanceof RefusedException refused && refused.status() == 404
                        ? "failed to resolve reference \"" + image + "\": " + image + ": not found"
                        : "failed to resolve reference \"" + image + "\": " + said(failure)));
  }

  private RegistryClient client(ImageReference image, String credentials) {
    RegistryConnection connection = registries.get(image.registry());
    if (connection == null) {
      throw new IllegalStateException("no registry is known as " + image.registry());
    }
    return new RegistryClient(connection, image, credentials);
  }

  /** Whether the program of a container moves data to or from a known registry. */
  boolean works(PodRun run, Container container) {
    Optional<Program> program = Program.of(container.spec);
    return program.isPresent()
        && switch (program.get().name()) {
          case Program.PUSH -> output(container.spec).isPresent();
          case Program.PULL -> known(program.get().arguments().get(0)).isPresent();
          case Program.COPY -> asks(container);
          default -> pusher(run) != null;
        };
  }

  /** Does it. */
  void work(PodRun run, Container container, End end) {
    Program program = Program.of(container.spec).orElseThrow();
    switch (program.name()) {
      case Program.PUSH -> push(run, container, end);
      case Program.PULL -> pull(run, container, program.arguments(), end);
      case Program.COPY -> copy(run, container, program.arguments(), end);
      default -> train(run, container, end);
    }
  }

  private Optional<ImageReference> output(JsonNode container) {
    return Program.env(container, "OUTPUT_IMAGE").flatMap(this::known);
  }

  private @Nullable JsonNode pusher(PodRun run) {
    for (Container container : run.main) {
      if (output(container.spec).isPresent()) {
        return container.spec;
      }
    }
    return null;
  }

  /** Leaves an adapter in the directory that the settings name, as the trainer does. */
  private void train(PodRun run, Container container, End end) {
    JsonNode pusher = pusher(run);
    String model = pusher == null ? "" : Program.env(pusher, "MODEL_NAME").orElse("");
    finish(
        secrets.configFile(run.pod, container.spec, "/mnt/config", "training_config.yaml"),
        (file, failure) -> {
          if (failure != null || file == null || file.isEmpty()) {
            end.accept(1, "no training_config.yaml in /mnt/config");
            return;
          }
          String directory =
              TrainingSettings.read(
                      new String(file.get(), StandardCharsets.UTF_8), Optional.empty())
                  .outputDirectory();
          Map<String, byte[]> files = new LinkedHashMap<>(AdapterImage.adapter(model));
          files.put("fine_tuning_completed.txt", "completed".getBytes(StandardCharsets.UTF_8));
          files.forEach(
              (name, content) -> run.files.write(container.spec, directory + "/" + name, content));
          end.accept(0, "");
        });
  }

  private void push(PodRun run, Container container, End end) {
    String directory = Program.env(container.spec, "OUTPUT_DIR").orElse("");
    if (run.files.read(container.spec, directory + "/fine_tuning_completed.txt").isEmpty()) {
      end.accept(1, "training did not complete; nothing is pushed");
      return;
    }
    Map<String, byte[]> data = new LinkedHashMap<>();
    for (String file : List.of("adapter_config.json", "adapter_model.safetensors")) {
      Optional<byte[]> content = run.files.read(container.spec, directory + "/" + file);
      if (content.isEmpty()) {
        end.accept(1, "training left no " + file);
        return;
      }
      data.put(file, content.get());
    }
    ImageContent image =
        new ImageContent(
            List.of(AdapterImage.tools(), AdapterImage.below("data/", data)),
            Map.of("sh.kaito.model.name", Program.env(container.spec, "MODEL_NAME").orElse("")));
    ImageReference target = output(container.spec).orElseThrow();
    String config = Program.env(container.spec, "DOCKER_CONFIG").orElse("/root/.docker");
    repeat(
        run,
        container,
        new Budget("push", 10, 30),
        () ->
            secrets
                .mountedCredentials(run.pod, container.spec, config, target.registry())
                .thenCompose(
                    found ->
                        client(target, found.isEmpty() ? "" : found.get(0))
                            .push(target.reference(), image)),
        done -> end.accept(0, ""),
        end);
  }

  private void pull(PodRun run, Container container, List<String> arguments, End end) {
    ImageReference image = known(arguments.get(0)).orElseThrow();
    repeat(
        run,
        container,
        new Budget("pull the image", 3, 5),
        () ->
            secrets
                .mountedCredentials(run.pod, container.spec, arguments.get(3), image.registry())
                .thenCompose(found -> pullWith(image, found)),
        files -> unpack(run, container, files, arguments.get(1), arguments.get(2), end),
        end);
  }

  /** One file of credentials after the other, as the program tries them. */
  private CompletionStage<Map<String, byte[]>> pullWith(
      ImageReference image, List<String> credentials) {
    CompletionStage<Map<String, byte[]>> result =
        CompletableFuture.failedFuture(new IllegalStateException("no credentials are mounted"));
    for (String found : credentials) {
      result = result.exceptionallyCompose(before -> client(image, found).pull(image.reference()));
    }
    return result;
  }

  private void copy(PodRun run, Container container, List<String> arguments, End end) {
    ImageReference image = known(Objects.text(container.spec, "image")).orElseThrow();
    finish(
        secrets
            .pullCredentials(run.pod, image.registry())
            .thenCompose(found -> client(image, found).pull(image.reference())),
        (files, failure) -> {
          if (files == null) {
            end.accept(128, "the image is gone: " + said(failure));
          } else if (!files.containsKey("bin/sh")) {
            end.accept(128, "exec: \"/bin/sh\": stat /bin/sh: no such file or directory: unknown");
          } else if (!files.containsKey("bin/cp") || !files.containsKey("bin/mkdir")) {
            end.accept(127, "copy: mkdir or cp: not found");
          } else {
            unpack(run, container, files, arguments.get(1), arguments.get(2), end);
          }
        });
  }

  private static void unpack(
      PodRun run,
      Container container,
      Map<String, byte[]> files,
      String directory,
      String required,
      End end) {
    boolean data = false;
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      if (file.getKey().startsWith("data/")) {
        data = true;
        String path = directory + "/" + file.getKey().substring("data/".length());
        run.files.write(container.spec, path, file.getValue());
      }
    }
    run.filled.add(directory);
    if (!data) {
      end.accept(1, "the image has no directory /data");
    } else if (!required.isEmpty() && !files.containsKey("data/" + required)) {
      end.accept(1, "the image has no file /data/" + required);
    } else {
      end.accept(0, "");
    }
  }

  /**
   * How often a program tries, by the constants of Kaito's scripts.
   *
   * @param pause seconds between two attempts
   */
  private record Budget(String what, int attempts, int pause) {}

  /** One attempt. */
  private interface Attempt<T> {
    CompletionStage<T> begin();
  }

  private <T> void repeat(
      PodRun run,
      Container container,
      Budget budget,
      Attempt<T> attempt,
      Consumer<T> success,
      End end) {
    repeat(run, container, budget, 1, attempt, success, end);
  }

  private <T> void repeat(
      PodRun run,
      Container container,
      Budget budget,
      int number,
      Attempt<T> attempt,
      Consumer<T> success,
      End end) {
    int generation = container.generation;
    finish(
        attempt.begin(),
        (value, failure) -> {
          if (run.stopped || container.generation != generation) {
            return;
          }
          if (failure == null) {
            success.accept(value);
          } else if (number >= budget.attempts()) {
            end.accept(
                1, said(failure) + "\ncould not " + budget.what() + " in " + number + " attempts");
          } else {
            cluster.at(
                cluster.now().plus(Duration.ofSeconds(budget.pause())),
                () -> {
                  if (!run.stopped && container.generation == generation) {
                    repeat(run, container, budget, number + 1, attempt, success, end);
                  }
                });
          }
        });
  }

  /** Brings an end to the strand. */
  private <T extends @Nullable Object> void finish(
      CompletionStage<T> stage, BiConsumer<@Nullable T, @Nullable Throwable> then) {
    var unused =
        stage.whenComplete(
            (value, failure) -> cluster.execute(() -> then.accept(value, cause(failure))));
  }

  private static @Nullable Throwable cause(@Nullable Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }

  private static String said(@Nullable Throwable failure) {
    return failure == null ? "" : String.valueOf(failure.getMessage());
  }
}
