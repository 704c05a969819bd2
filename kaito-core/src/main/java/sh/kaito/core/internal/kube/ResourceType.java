package sh.kaito.core.internal.kube;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/**
 * One resource of one API version, and the paths where it lives.
 *
 * @param group empty for the core group
 * @param plural resource name in paths, such as {@code pods}
 * @param kind kind of its objects, such as {@code Pod}
 * @param namespaced whether its objects live in namespaces
 */
public record ResourceType(
    String group, String version, String plural, String kind, boolean namespaced) {

  public static final ResourceType NAMESPACES = cluster("", "v1", "namespaces", "Namespace");
  public static final ResourceType NODES = cluster("", "v1", "nodes", "Node");
  public static final ResourceType PODS = namespaced("", "v1", "pods", "Pod");
  public static final ResourceType SERVICES = namespaced("", "v1", "services", "Service");
  public static final ResourceType ENDPOINTS = namespaced("", "v1", "endpoints", "Endpoints");
  public static final ResourceType EVENTS = namespaced("", "v1", "events", "Event");
  public static final ResourceType CONFIGMAPS = namespaced("", "v1", "configmaps", "ConfigMap");
  public static final ResourceType SECRETS = namespaced("", "v1", "secrets", "Secret");
  public static final ResourceType SERVICEACCOUNTS =
      namespaced("", "v1", "serviceaccounts", "ServiceAccount");
  public static final ResourceType PERSISTENTVOLUMECLAIMS =
      namespaced("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim");

  public static final ResourceType DEPLOYMENTS =
      namespaced("apps", "v1", "deployments", "Deployment");
  public static final ResourceType REPLICASETS =
      namespaced("apps", "v1", "replicasets", "ReplicaSet");
  public static final ResourceType STATEFULSETS =
      namespaced("apps", "v1", "statefulsets", "StatefulSet");
  public static final ResourceType CONTROLLERREVISIONS =
      namespaced("apps", "v1", "controllerrevisions", "ControllerRevision");
  public static final ResourceType DAEMONSETS = namespaced("apps", "v1", "daemonsets", "DaemonSet");
  public static final ResourceType JOBS = namespaced("batch", "v1", "jobs", "Job");
  public static final ResourceType LEASES =
      namespaced("coordination.k8s.io", "v1", "leases", "Lease");
  public static final ResourceType CUSTOMRESOURCEDEFINITIONS =
      cluster(
          "apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition");

  /** Karpenter's node claims; gpu-provisioner reads the same. */
  public static final ResourceType NODECLAIMS =
      cluster("karpenter.sh", "v1", "nodeclaims", "NodeClaim");

  /** Karpenter's machines, the ancestors of node claims. */
  public static final ResourceType MACHINES =
      cluster("karpenter.sh", "v1alpha5", "machines", "Machine");

  public static final ResourceType WORKSPACES_V1BETA1 =
      namespaced("kaito.sh", "v1beta1", "workspaces", "Workspace");
  public static final ResourceType WORKSPACES_V1ALPHA1 =
      namespaced("kaito.sh", "v1alpha1", "workspaces", "Workspace");

  /** A namespaced resource. */
  public static ResourceType namespaced(String group, String version, String plural, String kind) {
    return new ResourceType(group, version, plural, kind, true);
  }

  /** A cluster-scoped resource. */
  public static ResourceType cluster(String group, String version, String plural, String kind) {
    return new ResourceType(group, version, plural, kind, false);
  }

  /** {@code apiVersion} of its objects: {@code v1}, {@code apps/v1}. */
  public String apiVersion() {
    return group.isEmpty() ? version : group + "/" + version;
  }

  /** Path of all its objects, in all namespaces where it is namespaced. */
  public String path() {
    return (group.isEmpty() ? "/api/" + version : "/apis/" + group + "/" + version) + "/" + plural;
  }

  /**
   * Path of the objects of one namespace.
   *
   * @param namespace empty: as {@link #path()}
   */
  public String path(String namespace) {
    if (namespace.isEmpty()) {
      return path();
    }
    if (!namespaced) {
      throw new IllegalArgumentException(
          plural + " are cluster-scoped, but namespace " + namespace + " was given");
    }
    String all = path();
    int last = all.lastIndexOf('/');
    return all.substring(0, last) + "/namespaces/" + encode(namespace) + all.substring(last);
  }

  /** Path of one object. */
  public String path(ObjectKey key) {
    if (key.name().isEmpty()) {
      throw new IllegalArgumentException("An object of " + this + " needs a name");
    }
    if (namespaced && key.namespace().isEmpty()) {
      throw new IllegalArgumentException(kind + " " + key.name() + " needs a namespace");
    }
    return path(key.namespace()) + "/" + encode(key.name());
  }

  /** {@code plural.group}, as kubectl names it. */
  @Override
  public String toString() {
    return group.isEmpty() ? plural : plural + "." + group;
  }

  private static String encode(String segment) {
    return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
