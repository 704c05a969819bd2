package sh.kaito.core.install;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.PatchType;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.api.model.KaitoApi;
import sh.kaito.api.model.KaitoCrd;
import sh.kaito.api.model.KaitoCrds;
import sh.kaito.core.internal.kube.KubeClient;
import sh.kaito.core.internal.kube.KubeResult;
import sh.kaito.core.internal.kube.ListOptions;
import sh.kaito.core.internal.kube.ObjectKey;
import sh.kaito.core.internal.kube.Reflector;
import sh.kaito.core.internal.kube.ResourceType;
import sh.kaito.core.internal.kube.Stages;
import sh.kaito.core.kube.SystemScheduler;

/**
 * Installs the definitions of {@link KaitoCrds} by server-side apply, and waits until the API
 * server serves them.
 *
 * <pre>{@code
 * CrdInstaller.install(transport, Duration.ofSeconds(30)); // for a main method
 * }</pre>
 *
 * <p>A definition that somebody else installed (Helm, the Go operator's chart, {@code kubectl
 * apply}) is left alone: two owners would undo each other's changes at every upgrade, and {@code
 * helm uninstall} would take all Workspaces with it. {@link #overwriting()} takes it over.
 *
 * <p>Immutable, thread-safe.
 */
public final class CrdInstaller {
  private static final Logger LOG = LoggerFactory.getLogger(CrdInstaller.class);

  private final KubeTransport transport;
  private final Scheduler scheduler;
  private final boolean overwrite;

  private CrdInstaller(KubeTransport transport, Scheduler scheduler, boolean overwrite) {
    this.transport = transport;
    this.scheduler = scheduler;
    this.overwrite = overwrite;
  }

  /**
   * What became of a definition.
   *
   * @param name such as {@code workspaces.kaito.sh}
   */
  public record Installed(String name, Change change) {}

  /** Whether a definition had to be written. */
  public enum Change {
    CREATED,
    UPDATED,
    UNCHANGED
  }

  /** An installer that leaves definitions of others alone. */
  public static CrdInstaller of(KubeTransport transport, Scheduler scheduler) {
    return new CrdInstaller(transport, scheduler, false);
  }

  /** One that takes definitions of others over: every field is then as this library has it. */
  public CrdInstaller overwriting() {
    return new CrdInstaller(transport, scheduler, true);
  }

  /**
   * Installs all definitions of the library and waits until they are served. Blocks; for a main
   * method, not for a callback.
   *
   * @param limit for each definition to be served
   * @throws CrdRefusedException when one belongs to somebody else, is refused or is not served
   */
  public static List<Installed> install(KubeTransport transport, Duration limit) {
    try (SystemScheduler scheduler = SystemScheduler.create("kaito-install", 1)) {
      return of(transport, scheduler).install(KaitoCrds.all(), limit).toCompletableFuture().join();
    } catch (CompletionException e) {
      throw Stages.cause(e) instanceof CrdRefusedException refused
          ? refused
          : new CrdRefusedException(
              "definitions were not installed: " + Stages.cause(e).getMessage());
    }
  }

  /**
   * Installs definitions one after the other. Does not block.
   *
   * @param limit for each definition to be served
   * @return completes when all are served; exceptionally with {@link CrdRefusedException}, or with
   *     a {@link sh.kaito.api.kube.KubeTransportException} when the server did not answer
   */
  public CompletionStage<List<Installed>> install(List<KaitoCrd> definitions, Duration limit) {
    CompletionStage<List<Installed>> all = CompletableFuture.completedFuture(List.of());
    for (KaitoCrd definition : definitions) {
      all =
          all.thenCompose(
              done ->
                  installOne(definition, limit)
                      .thenApply(
                          one -> {
                            List<Installed> more = new ArrayList<>(done);
                            more.add(one);
                            return List.copyOf(more);
                          }));
    }
    return Stages.unwrapped(all);
  }

  private CompletionStage<Installed> installOne(KaitoCrd definition, Duration limit) {
    KubeClient client = KubeClient.of(transport, KaitoApi.FIELD_MANAGER);
    ObjectKey key = ObjectKey.clusterScoped(definition.name());
    return client
        .get(ResourceType.CUSTOMRESOURCEDEFINITIONS, key)
        .thenCompose(
            before -> {
              if (!before.isSuccess() && !before.isNotFound()) {
                throw new CrdRefusedException(definition + " cannot be read: " + before);
              }
              Optional<String> owner =
                  before.isNotFound() ? Optional.empty() : foreignOwner(before.body());
              if (owner.isPresent() && !overwrite) {
                throw new CrdRefusedException(
                    definition
                        + " exists and belongs to "
                        + owner.get()
                        + ". It works as it is. To have this library keep it from now on, install"
                        + " with CrdInstaller.overwriting(), and take it out of its owner's hands"
                        + " first, or both will change it in turn.");
              }
              return client
                  .send(
                      KubeRequest.patch(
                              definition.path(),
                              PatchType.APPLY,
                              definition.yaml().getBytes(StandardCharsets.UTF_8))
                          .setQuery("fieldManager", KaitoApi.FIELD_MANAGER)
                          // Our own definition: what another manager holds of it was decided above.
                          .setQuery("force", "true")
                          .header("Accept", "application/json")
                          .build())
                  .thenCompose(after -> served(definition, before, after, limit));
            });
  }

  private CompletionStage<Installed> served(
      KaitoCrd definition, KubeResult before, KubeResult after, Duration limit) {
    if (!after.isSuccess()) {
      throw new CrdRefusedException(definition + " was refused: " + after);
    }
    Change change =
        before.isNotFound()
            ? Change.CREATED
            : before.resourceVersion().equals(after.resourceVersion())
                ? Change.UNCHANGED
                : Change.UPDATED;
    return established(definition, limit)
        .thenApply(
            done -> {
              LOG.info("{} is served ({})", definition, change);
              return new Installed(definition.name(), change);
            });
  }

  /**
   * Who keeps a definition that is not ours: Helm by its marks, or else whoever last wrote its
   * specification. Pure.
   */
  static Optional<String> foreignOwner(JsonNode definition) {
    JsonNode metadata = definition.path("metadata");
    String release = metadata.path("annotations").path("meta.helm.sh/release-name").asText("");
    if (!release.isEmpty()
        || metadata.path("labels").path("app.kubernetes.io/managed-by").asText().equals("Helm")) {
      return Optional.of("Helm" + (release.isEmpty() ? "" : " release \"" + release + "\""));
    }
    String other = "";
    for (JsonNode entry : metadata.path("managedFields")) {
      if (entry.path("fieldsV1").has("f:spec")) {
        if (entry.path("manager").asText().equals(KaitoApi.FIELD_MANAGER)) {
          return Optional.empty();
        }
        other = entry.path("manager").asText();
      }
    }
    return Optional.of(other.isEmpty() ? "somebody unknown" : "\"" + other + "\"");
  }

  private CompletionStage<Void> established(KaitoCrd definition, Duration limit) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    Reflector<String> watch =
        Reflector.builder(
                transport,
                scheduler,
                ResourceType.CUSTOMRESOURCEDEFINITIONS,
                CrdInstaller::conditions)
            .select(ListOptions.all().fieldSelector("metadata.name=" + definition.name()))
            .onChange(
                change -> {
                  String state = change.after() == null ? "" : change.after().value();
                  if (state.equals("Established")) {
                    done.complete(null);
                  } else if (!state.isEmpty()) {
                    done.completeExceptionally(
                        new CrdRefusedException(definition + " is not accepted: " + state));
                  }
                })
            .build();
    Scheduler.Timer timer =
        scheduler.schedule(
            limit,
            () ->
                done.completeExceptionally(
                    new CrdRefusedException(
                        definition
                            + " was written, and is not served after "
                            + limit
                            + "; kubectl describe crd "
                            + definition.name()
                            + " says why")));
    watch.start();
    return done.whenComplete(
        (nothing, error) -> {
          timer.cancel();
          watch.stop();
        });
  }

  /** {@code Established}, the message of a refusal of its names, or empty while it is pending. */
  private static String conditions(JsonNode definition) {
    String state = "";
    for (JsonNode condition : definition.path("status").path("conditions")) {
      String type = condition.path("type").asText();
      String status = condition.path("status").asText();
      if (type.equals("NamesAccepted") && status.equals("False")) {
        return condition.path("message").asText("its names are taken");
      }
      if (type.equals("Established") && status.equals("True")) {
        state = "Established";
      }
    }
    return state;
  }
}
