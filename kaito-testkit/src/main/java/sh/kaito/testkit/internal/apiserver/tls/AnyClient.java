package sh.kaito.testkit.internal.apiserver.tls;

import java.net.Socket;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Lets every client certificate through the handshake, as kube-apiserver does: whose it is, is
 * asked when a request is authenticated, so that a bad one gets 401 and not a broken connection.
 */
final class AnyClient extends X509ExtendedTrustManager {
  private static final X509Certificate[] NO_HINTS = {};

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType) {
    // Checked with the request.
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {
    // Checked with the request.
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {
    // Checked with the request.
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType) {
    throw new UnsupportedOperationException("this side is the server");
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {
    throw new UnsupportedOperationException("this side is the server");
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {
    throw new UnsupportedOperationException("this side is the server");
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return NO_HINTS;
  }
}
