package sh.kaito.core.plan;

/**
 * An object that will be created in the cluster.
 *
 * @param apiVersion such as {@code apps/v1}
 * @param kind such as {@code Deployment}
 * @param name its name; empty where the provisioner names it
 * @param note ports, number or purpose, for a person
 */
public record PlannedObject(String apiVersion, String kind, String name, String note) {}
