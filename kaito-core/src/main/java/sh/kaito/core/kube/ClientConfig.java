package sh.kaito.core.kube;

import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.persister.FilePersister;
import io.kubernetes.client.util.ClientBuilder;
import io.kubernetes.client.util.KubeConfig;
import java.io.File;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where a process finds the address and credentials of its cluster. */
final class ClientConfig {
  private static final Logger LOG = LoggerFactory.getLogger(ClientConfig.class);

  /**
   * Age at which tokens of exec plugins and OIDC are fetched anew. Below the shortest lifetime in
   * use (15 minutes, EKS); one that ends sooner is renewed on the first 401.
   */
  private static final Duration TOKEN_AGE = Duration.ofMinutes(10);

  /** Mounted by Kubernetes into every pod that may talk to the API server. */
  private static final Path SERVICE_ACCOUNT_TOKEN =
      Path.of("/var/run/secrets/kubernetes.io/serviceaccount/token");

  private final Map<String, String> environment;
  private final Path home;
  private final Path serviceAccountToken;

  ClientConfig(Map<String, String> environment, Path home, Path serviceAccountToken) {
    this.environment = environment;
    this.home = home;
    this.serviceAccountToken = serviceAccountToken;
  }

  static ClientConfig ofSystem() {
    return new ClientConfig(
        System.getenv(), Path.of(System.getProperty("user.home", ".")), SERVICE_ACCOUNT_TOKEN);
  }

  /** The client of the first configuration there is. */
  ApiClient client() {
    List<String> missing = new ArrayList<>();
    String variable = environment.getOrDefault("KUBECONFIG", "");
    if (variable.isBlank()) {
      missing.add("KUBECONFIG is not set");
    }
    List<Path> named = new ArrayList<>();
    for (String entry : variable.split(File.pathSeparator, -1)) {
      if (!entry.isBlank()) {
        Path file = Path.of(entry);
        if (Files.exists(file)) {
          named.add(file);
        } else {
          missing.add("KUBECONFIG names " + file + ", which does not exist");
        }
      }
    }
    if (named.size() > 1) {
      LOG.warn(
          "KUBECONFIG names several files; only {} is read, they are not merged", named.get(0));
    }
    if (!named.isEmpty()) {
      return kubeconfig(named.get(0));
    }
    Path byDefault = home.resolve(".kube").resolve("config");
    if (Files.exists(byDefault)) {
      return kubeconfig(byDefault);
    }
    missing.add(byDefault + " does not exist");
    if (Files.exists(serviceAccountToken)) {
      return inCluster();
    }
    missing.add("this is no pod with a service account (" + serviceAccountToken + ")");
    throw new IllegalStateException(
        "No Kubernetes cluster is configured: "
            + String.join("; ", missing)
            + ". Set KUBECONFIG to the path of a kubeconfig file.");
  }

  static ApiClient kubeconfig(Path file) {
    try (Reader reader = Files.newBufferedReader(file)) {
      KubeConfig config = KubeConfig.loadKubeConfig(reader);
      // Relative paths in it count from its folder; renewed OIDC tokens are written back to it.
      config.setFile(file.toFile());
      config.setPersistConfig(new FilePersister(file.toFile()));
      if (config.getServer() == null) {
        throw new IOException(
            "its current context \""
                + config.getCurrentContext()
                + "\" names no cluster with a server");
      }
      return ClientBuilder.kubeconfig(config, TOKEN_AGE).build();
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot use the kubeconfig " + file + ": " + e.getMessage(), e);
    } catch (RuntimeException e) {
      // client-java lets the YAML parser's and the exec plugin's exceptions through.
      throw new UncheckedIOException(
          "Cannot use the kubeconfig " + file, new IOException(e.getMessage(), e));
    }
  }

  private static ApiClient inCluster() {
    try {
      return ClientBuilder.cluster().build();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot use the pod's service account", e);
    }
  }
}
