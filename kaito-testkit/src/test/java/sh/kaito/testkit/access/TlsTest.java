package sh.kaito.testkit.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.util.ClientBuilder;
import io.kubernetes.client.util.KubeConfig;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import sh.kaito.testkit.KubeApiServer;

/** The server over HTTPS, as clients meet it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TlsTest {
  private final KubeApiServer server =
      KubeApiServer.builder().tls(true).user("eve", "t0ken").build();

  @AfterAll
  void close() {
    server.close();
  }

  private static SSLContext trusting(String pem) throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setCertificateEntry(
        "ca",
        CertificateFactory.getInstance("X.509")
            .generateCertificate(
                new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII))));
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  private static HttpResponse<String> get(SSLContext context, URI uri, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri);
    if (headers.length > 0) {
      request.headers(headers);
    }
    return HttpClient.newBuilder()
        .sslContext(context)
        .build()
        .send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void clientsThatTrustItsAuthorityAreServedByAddressAndByName() throws Exception {
    SSLContext context = trusting(server.certificateAuthority());
    assertThat(server.url().getScheme()).isEqualTo("https");
    assertThat(get(context, server.url().resolve("/version")).statusCode())
        .as("GET https://127.0.0.1/version")
        .isEqualTo(200);
    URI byName = URI.create("https://localhost:" + server.url().getPort() + "/version");
    assertThat(get(context, byName).statusCode())
        .as("GET https://localhost/version")
        .isEqualTo(200);
  }

  @Test
  void clientsThatDoNotTrustItEndTheHandshake() throws Exception {
    try (KubeApiServer other = KubeApiServer.builder().tls(true).build()) {
      SSLContext context = trusting(other.certificateAuthority());
      assertThatThrownBy(() -> get(context, server.url().resolve("/version")))
          .as("the authority of another server")
          .isInstanceOf(SSLException.class);
    }
  }

  @Test
  void aTokenIsWhoItBelongsToAndABadOneIsNobody() throws Exception {
    SSLContext context = trusting(server.certificateAuthority());
    URI version = server.url().resolve("/version");
    assertThat(get(context, version, "Authorization", "Bearer t0ken").statusCode()).isEqualTo(200);
    HttpResponse<String> refused = get(context, version, "Authorization", "Bearer wrong");
    assertThat(refused.statusCode()).as("a token of nobody").isEqualTo(401);
    assertThat(refused.body())
        .isEqualTo(
            "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\","
                + "\"message\":\"Unauthorized\",\"reason\":\"Unauthorized\",\"code\":401}");
  }

  private static String whoAmI(KubeApiServer target, String kubeconfig) throws IOException {
    ApiClient client =
        ClientBuilder.kubeconfig(KubeConfig.loadKubeConfig(new StringReader(kubeconfig)))
            .setBasePath(target.url().toString())
            .setVerifyingSsl(false)
            .build();
    Request request =
        new Request.Builder()
            .url(client.getBasePath() + "/apis/authentication.k8s.io/v1/selfsubjectreviews")
            .post(RequestBody.create("{}", MediaType.get("application/json")))
            .build();
    try (Response response = client.getHttpClient().newCall(request).execute()) {
      return response.body().string();
    }
  }

  @Test
  void aClientCertificateIsItsUserAndOnlyAtItsServer() throws IOException {
    try (KubeApiServer one = certified();
        KubeApiServer other = certified()) {
      assertThat(one.kubeconfig("dave")).contains("client-key-data").doesNotContain("token: ");
      assertThat(whoAmI(one, one.kubeconfig("dave")))
          .contains("\"username\":\"dave\"")
          .contains("\"groups\":[\"devs\",\"system:authenticated\"]");
      assertThat(whoAmI(other, one.kubeconfig("dave")))
          .as("a certificate of another server's authority")
          .contains("\"code\":401");
    }
    assertThatThrownBy(() -> KubeApiServer.builder().clientCertificates(true).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("tls(true)");
  }

  private static KubeApiServer certified() {
    return KubeApiServer.builder()
        .tls(true)
        .clientCertificates(true)
        .user("dave", "token-d", "devs")
        .build();
  }

  @Test
  void plainHttpIsToldSo() throws IOException {
    try (Socket socket = new Socket("127.0.0.1", server.url().getPort())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write("GET / HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII));
      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
          .contains("400 Bad Request")
          .endsWith("Client sent an HTTP request to an HTTPS server.\n");
    }
  }

  @Test
  void theKubeconfigHoldsAuthorityAndToken() {
    assertThat(server.kubeconfig("eve"))
        .contains("server: " + server.url())
        .contains("certificate-authority-data: ")
        .contains("token: t0ken");
    assertThatThrownBy(() -> server.kubeconfig("adam"))
        .hasMessageContaining("no user \"adam\"; it has admin, eve");
  }
}
