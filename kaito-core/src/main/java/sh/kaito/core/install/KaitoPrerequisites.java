package sh.kaito.core.install;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.NullNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.model.KaitoApi;
import sh.kaito.core.internal.kube.KubeClient;
import sh.kaito.core.internal.kube.KubeResult;
import sh.kaito.core.internal.kube.ListOptions;
import sh.kaito.core.internal.kube.ObjectKey;
import sh.kaito.core.internal.kube.ResourceType;
import sh.kaito.core.internal.kube.Stages;
import sh.kaito.core.internal.prerequisites.PrerequisiteRules;
import sh.kaito.core.internal.prerequisites.PrerequisiteRules.Listed;
import sh.kaito.core.internal.prerequisites.PrerequisiteRules.ListedNamespace;

/**
 * Looks whether a cluster has what Workspaces need, before any money is spent: definitions, a
 * device plugin for the GPUs, and namespaces whose quotas, limits and Pod Security let the model's
 * pods in. Reads only.
 *
 * <pre>{@code
 * KaitoPrerequisites.of(transport)
 *     .namespace("default")
 *     .nodeClaims()
 *     .check()
 *     .thenAccept(findings -> findings.forEach(System.out::println));
 * }</pre>
 *
 * <p>What it may not read it leaves out, and says so in the log. Not thread-safe.
 */
public final class KaitoPrerequisites {
  private static final Logger LOG = LoggerFactory.getLogger(KaitoPrerequisites.class);

  private static final ResourceType NAMESPACES =
      ResourceType.cluster("", "v1", "namespaces", "Namespace");
  private static final ResourceType QUOTAS =
      ResourceType.namespaced("", "v1", "resourcequotas", "ResourceQuota");
  private static final ResourceType LIMIT_RANGES =
      ResourceType.namespaced("", "v1", "limitranges", "LimitRange");

  private final KubeClient client;
  private final List<String> namespaces = new ArrayList<>();
  private final Set<String> leaseNamespaces = new TreeSet<>();
  private final Map<String, String> definitions = new TreeMap<>();

  private KaitoPrerequisites(KubeTransport transport) {
    this.client = KubeClient.of(transport, KaitoApi.FIELD_MANAGER);
    definitions.put(KaitoApi.WORKSPACE_CRD, "what a Workspace is");
  }

  /** A check of definitions and the device plugin; more by the methods below. */
  public static KaitoPrerequisites of(KubeTransport transport) {
    return new KaitoPrerequisites(transport);
  }

  /** Looks at a namespace, too. */
  public KaitoPrerequisites namespace(String namespace) {
    namespaces.add(namespace);
    return this;
  }

  /** Looks at namespaces, too. */
  public KaitoPrerequisites namespaces(Collection<String> all) {
    namespaces.addAll(all);
    return this;
  }

  /** Expects the namespace in which replicas elect their leader. */
  public KaitoPrerequisites leaderElection(String namespace) {
    leaseNamespaces.add(namespace);
    return this;
  }

  /** Expects Karpenter's NodeClaims: provisioners {@code gpu-provisioner} and {@code karpenter}. */
  public KaitoPrerequisites nodeClaims() {
    definitions.put("nodeclaims.karpenter.sh", "nodes are bought by these");
    return this;
  }

  /** Expects the Machines that came before NodeClaims. */
  public KaitoPrerequisites machines() {
    definitions.put("machines.karpenter.sh", "nodes are bought by these");
    return this;
  }

  /**
   * Looks. Does not block.
   *
   * @return completes with what was found, errors and warnings; empty when all is well.
   *     Exceptionally with a {@link sh.kaito.api.kube.KubeTransportException} when the API server
   *     does not answer
   */
  public CompletionStage<List<Finding>> check() {
    Set<String> installed = new HashSet<>();
    return Stages.unwrapped(
        list(ResourceType.CUSTOMRESOURCEDEFINITIONS, ListOptions.all().metadataOnly())
            .thenCompose(
                crds -> {
                  if (crds.isMissingNode()) {
                    installed.addAll(definitions.keySet());
                  }
                  crds.path("items")
                      .forEach(crd -> installed.add(crd.path("metadata").path("name").asText()));
                  return list(ResourceType.DAEMONSETS, ListOptions.all());
                })
            .thenCompose(
                daemonSets ->
                    list(ResourceType.NODES, ListOptions.all())
                        .thenCompose(
                            nodes ->
                                listNamespaces(0, new ArrayList<>())
                                    .thenApply(
                                        listed ->
                                            PrerequisiteRules.evaluate(
                                                new Listed(
                                                    installed,
                                                    definitions,
                                                    daemonSets,
                                                    nodes,
                                                    listed)))))
            .thenCompose(
                found -> leases(List.copyOf(leaseNamespaces).iterator(), new ArrayList<>(found))));
  }

  private CompletionStage<List<Finding>> leases(Iterator<String> names, List<Finding> found) {
    if (!names.hasNext()) {
      return CompletableFuture.completedFuture(List.copyOf(found));
    }
    String name = names.next();
    return client
        .get(NAMESPACES, ObjectKey.clusterScoped(name))
        .thenCompose(
            namespace -> {
              if (existing(name, namespace).isNull()) {
                found.add(
                    new Finding(
                        Finding.Severity.ERROR,
                        "namespace " + name,
                        "does not exist, and the lease of leader election is to live there: no"
                            + " replica would ever lead",
                        "kubectl create namespace " + name));
              }
              return leases(names, found);
            });
  }

  /** The namespace; null where there is none, missing where it cannot be read. */
  private static JsonNode existing(String name, KubeResult result) {
    return result.isNotFound() ? NullNode.getInstance() : readable("namespace " + name, result);
  }

  private CompletionStage<List<ListedNamespace>> listNamespaces(
      int next, List<ListedNamespace> done) {
    if (next >= namespaces.size()) {
      return CompletableFuture.completedFuture(done);
    }
    String name = namespaces.get(next);
    return client
        .get(NAMESPACES, ObjectKey.clusterScoped(name))
        .thenCompose(
            namespace ->
                list(QUOTAS, ListOptions.in(name))
                    .thenCompose(
                        quotas ->
                            list(LIMIT_RANGES, ListOptions.in(name))
                                .thenCompose(
                                    ranges -> {
                                      done.add(
                                          new ListedNamespace(
                                              name, existing(name, namespace), quotas, ranges));
                                      return listNamespaces(next + 1, done);
                                    })));
  }

  private CompletionStage<JsonNode> list(ResourceType type, ListOptions options) {
    return client.list(type, options).thenApply(result -> readable(type.toString(), result));
  }

  private static JsonNode readable(String what, KubeResult result) {
    if (result.isSuccess()) {
      return result.body();
    }
    LOG.warn("{} could not be looked at: {}", what, result);
    return MissingNode.getInstance();
  }

  /**
   * NVIDIA's device plugin as a DaemonSet that tolerates the taint of GPU nodes: what upstream's
   * charts install. One YAML document for {@code kubectl apply -f -}; not for clusters whose node
   * images or GPU operator bring their own.
   */
  public static String manifests() {
    try (InputStream yaml =
        KaitoPrerequisites.class.getResourceAsStream("nvidia-device-plugin.yaml")) {
      if (yaml == null) {
        throw new IllegalStateException("the jar of kaito-core lacks nvidia-device-plugin.yaml");
      }
      return new String(yaml.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read nvidia-device-plugin.yaml from the jar", e);
    }
  }
}
