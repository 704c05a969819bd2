package sh.kaito.testkit.internal.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.PatchType;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.api.model.KaitoCrd;
import sh.kaito.core.install.KaitoPrerequisites;
import sh.kaito.testkit.SimulatedCluster;
import sh.kaito.testkit.internal.apiserver.api.VersionOrder;
import sh.kaito.testkit.internal.json.Json;
import sh.kaito.testkit.internal.json.Yaml;

/** Installs CustomResourceDefinitions and waits until their resources are served. */
public final class Definitions {
  private static final Duration LOOK_EVERY = Duration.ofMillis(20);
  private static final int LOOKS = 1500;

  private Definitions() {}

  /** The test kit's NodeClaim, {@code karpenter.sh/v1}. */
  public static KaitoCrd nodeClaims() {
    return shipped("nodeclaims.karpenter.sh");
  }

  /** The test kit's Machine, {@code karpenter.sh/v1alpha5}. */
  public static KaitoCrd machines() {
    return shipped("machines.karpenter.sh");
  }

  /** The DaemonSet without which no node would offer its GPUs; simulated nodes play its pods. */
  public static CompletionStage<Void> devicePlugin(KubeTransport transport) {
    return transport
        .exchange(
            KubeRequest.patch(
                    "/apis/apps/v1/namespaces/kube-system/daemonsets/"
                        + "nvidia-device-plugin-daemonset",
                    PatchType.APPLY,
                    KaitoPrerequisites.manifests().getBytes(StandardCharsets.UTF_8))
                .query("fieldManager", "kaito-testkit")
                .build())
        .thenAccept(
            answer -> {
              if (!answer.isSuccess()) {
                throw new IllegalStateException(
                    "the device plugin cannot be installed: " + answer.bodyText());
              }
            });
  }

  /** Whether a definition is that of Machines, the test kit's or another. */
  public static boolean definesMachines(KaitoCrd crd) {
    return crd.name().equals("machines.karpenter.sh");
  }

  private static KaitoCrd shipped(String name) {
    try (InputStream yaml = SimulatedCluster.class.getResourceAsStream("crds/" + name + ".yaml")) {
      if (yaml == null) {
        throw new IllegalStateException("the jar of kaito-testkit lacks the CRD " + name);
      }
      return new KaitoCrd(name, new String(yaml.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the CRD " + name, e);
    }
  }

  /**
   * The definitions in the YAML and JSON files of a folder, by file name. Other objects in them are
   * left out; where several define the same resource, the one wins that serves the newest version.
   */
  public static List<KaitoCrd> in(Path folder) {
    List<Path> files;
    try (Stream<Path> all = Files.list(folder)) {
      files = all.filter(file -> file.toString().matches(".*\\.(yaml|yml|json)")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the folder of CRDs " + folder, e);
    }
    Map<String, Object> found = new LinkedHashMap<>();
    for (Path file : files) {
      for (Object document : documents(file)) {
        if (Json.text(document, "kind").equals("CustomResourceDefinition")) {
          found.merge(
              Json.text(document, "metadata", "name"),
              document,
              (one, other) ->
                  VersionOrder.PREFERRED_FIRST.compare(newest(one), newest(other)) <= 0
                      ? one
                      : other);
        }
      }
    }
    List<KaitoCrd> crds = new ArrayList<>();
    // JSON is YAML.
    found.forEach((name, document) -> crds.add(new KaitoCrd(name, Json.writeString(document))));
    return crds;
  }

  private static String newest(@Nullable Object definition) {
    return items(definition, "spec", "versions").stream()
        .filter(version -> Json.isTrue(version, "served"))
        .map(version -> Json.text(version, "name"))
        .min(VersionOrder.PREFERRED_FIRST)
        .orElse("");
  }

  private static List<@Nullable Object> items(@Nullable Object root, String... keys) {
    List<@Nullable Object> list = Json.list(root, keys);
    return list == null ? List.of() : list;
  }

  private static List<Object> documents(Path file) {
    try {
      return Yaml.parseAll(Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(file + " is not YAML: " + e.getMessage(), e);
    }
  }

  /** Server-side applies all, and completes when the last is served. */
  public static CompletionStage<Void> apply(
      KubeTransport transport, Scheduler scheduler, List<KaitoCrd> crds) {
    CompletionStage<Void> all = CompletableFuture.completedFuture(null);
    for (KaitoCrd crd : crds) {
      all =
          all.thenCompose(done -> applyOne(transport, crd))
              .thenCompose(done -> served(transport, scheduler, crd, LOOKS));
    }
    return all;
  }

  /** Applies those that are not there. */
  public static CompletionStage<Void> applyMissing(
      KubeTransport transport, Scheduler scheduler, List<KaitoCrd> crds) {
    CompletionStage<Void> all = CompletableFuture.completedFuture(null);
    for (KaitoCrd crd : crds) {
      all =
          all.thenCompose(done -> transport.exchange(KubeRequest.get(crd.path()).build()))
              .thenCompose(
                  found ->
                      found.status() == 404
                          ? applyOne(transport, crd)
                          : CompletableFuture.completedFuture(null))
              .thenCompose(done -> served(transport, scheduler, crd, LOOKS));
    }
    return all;
  }

  private static CompletionStage<Void> applyOne(KubeTransport transport, KaitoCrd crd) {
    return transport
        .exchange(
            KubeRequest.patch(
                    crd.path() + "?fieldManager=kaito-testkit&force=true",
                    PatchType.APPLY,
                    crd.yaml().getBytes(StandardCharsets.UTF_8))
                .build())
        .thenAccept(
            answer -> {
              if (!answer.isSuccess()) {
                throw new IllegalStateException(crd + " cannot be installed: " + answer.bodyText());
              }
            });
  }

  /** Established is not enough on a real server: it serves the resource a moment later. */
  private static CompletionStage<Void> served(
      KubeTransport transport, Scheduler scheduler, KaitoCrd crd, int looks) {
    return transport
        .exchange(KubeRequest.get(crd.path()).build())
        .thenCompose(
            answer -> {
              Object definition = answer.isSuccess() ? Json.parse(answer.body()) : null;
              return isEstablished(definition)
                  ? transport.exchange(listOne(definition)).thenApply(KubeResponse::isSuccess)
                  : CompletableFuture.completedFuture(false);
            })
        .thenCompose(
            served -> {
              if (served) {
                return CompletableFuture.completedFuture(null);
              }
              if (looks <= 1) {
                return CompletableFuture.failedFuture(
                    new IllegalStateException(
                        crd
                            + " was installed and is still not served after "
                            + LOOK_EVERY.multipliedBy(LOOKS)));
              }
              CompletableFuture<Void> later = new CompletableFuture<>();
              Scheduler.Timer unused = scheduler.schedule(LOOK_EVERY, () -> later.complete(null));
              return later.thenCompose(again -> served(transport, scheduler, crd, looks - 1));
            });
  }

  private static boolean isEstablished(@Nullable Object definition) {
    return items(definition, "status", "conditions").stream()
        .anyMatch(
            condition ->
                Json.text(condition, "type").equals("Established")
                    && Json.text(condition, "status").equals("True"));
  }

  private static KubeRequest listOne(@Nullable Object definition) {
    return KubeRequest.get(
            "/apis/"
                + Json.text(definition, "spec", "group")
                + "/"
                + newest(definition)
                + "/"
                + Json.text(definition, "spec", "names", "plural")
                + "?limit=1")
        .build();
  }
}
