package sh.kaito.core.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kubernetes.client.openapi.ApiClient;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import sh.kaito.api.kube.KubeRequest;

@Timeout(120)
class ClientConfigTest {
  private final Path folder;

  ClientConfigTest(@TempDir Path folder) {
    this.folder = folder;
  }

  private Path kubeconfig(String name, String server) throws IOException {
    return kubeconfig(name, server, "token: hunter2");
  }

  private Path kubeconfig(String name, String server, String user) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(
        file,
        String.join(
            "\n",
            List.of(
                "apiVersion: v1",
                "kind: Config",
                "current-context: here",
                "contexts: [{name: here, context: {cluster: c, user: u}}]",
                "clusters: [{name: c, cluster: {server: '" + server + "'}}]",
                "users:",
                "- name: u",
                "  user: {" + user + "}",
                "")));
  }

  private ApiClient client(Map<String, String> environment) {
    return new ClientConfig(environment, folder, folder.resolve("no-token")).client();
  }

  @Test
  void theVariableComesBeforeTheHomeFolder() throws IOException {
    kubeconfig(".kube/config", "http://127.0.0.1:1");
    Path named = kubeconfig("named", "http://127.0.0.1:2");
    assertThat(client(Map.of("KUBECONFIG", named.toString())).getBasePath())
        .isEqualTo("http://127.0.0.1:2");
    assertThat(client(Map.of()).getBasePath()).isEqualTo("http://127.0.0.1:1");
    String list = folder.resolve("missing") + File.pathSeparator + named;
    assertThat(client(Map.of("KUBECONFIG", list)).getBasePath())
        .as("of several files the first that exists")
        .isEqualTo("http://127.0.0.1:2");
  }

  @Test
  void whereNothingIsConfiguredTheMessageNamesThePlaces() {
    assertThatThrownBy(() -> client(Map.of()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("KUBECONFIG is not set")
        .hasMessageContaining(folder.resolve(".kube/config") + " does not exist")
        .hasMessageContaining("no pod with a service account")
        .hasMessageContaining("Set KUBECONFIG to");
    assertThatThrownBy(() -> client(Map.of("KUBECONFIG", "/nowhere/config")))
        .hasMessageContaining("KUBECONFIG names /nowhere/config, which does not exist");
  }

  @Test
  void aBrokenFileIsNamed() throws IOException {
    Path noServer = Files.writeString(folder.resolve("empty"), "kind: Config\n");
    assertThatThrownBy(() -> HttpKubeTransport.fromKubeconfig(noServer))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("Cannot use the kubeconfig " + noServer);
    Path noYaml = Files.writeString(folder.resolve("broken"), "a: [\n");
    assertThatThrownBy(() -> HttpKubeTransport.fromKubeconfig(noYaml))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("Cannot use the kubeconfig " + noYaml);
  }

  @Test
  void tokensAndExecPluginsAuthenticate() throws Exception {
    Path plugin = folder.resolve("plugin.sh");
    Files.writeString(
        plugin,
        "#!/bin/sh\n"
            + "echo '{\"apiVersion\":\"client.authentication.k8s.io/v1\","
            + "\"kind\":\"ExecCredential\",\"status\":{\"token\":\"from-plugin\"}}'\n");
    assertThat(plugin.toFile().setExecutable(true)).isTrue();
    try (ScratchServer server = new ScratchServer()) {
      server.handle(exchange -> ScratchServer.reply(exchange, 200, "{}"));
      ask(kubeconfig("token", server.url()));
      ask(
          kubeconfig(
              "exec",
              server.url(),
              "exec: {apiVersion: client.authentication.k8s.io/v1, command: '" + plugin + "'}"));
      assertThat(server.seen)
          .extracting(seen -> seen.header("Authorization"))
          .containsExactly("Bearer hunter2", "Bearer from-plugin");
    }
  }

  private static void ask(Path file) throws Exception {
    try (HttpKubeTransport transport = HttpKubeTransport.fromKubeconfig(file)) {
      int status =
          transport
              .exchange(KubeRequest.get("/version").build())
              .toCompletableFuture()
              .get(60, TimeUnit.SECONDS)
              .status();
      assertThat(status).isEqualTo(200);
    }
  }
}
