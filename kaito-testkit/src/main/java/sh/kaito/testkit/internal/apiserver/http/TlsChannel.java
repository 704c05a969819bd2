package sh.kaito.testkit.internal.apiserver.http;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.apiserver.auth.Peer;
import sh.kaito.testkit.internal.apiserver.tls.ServerCertificates;

/**
 * TLS on a connection, and who the client proved to be.
 *
 * @param socket reads and writes clear text
 */
record TlsChannel(SSLSocket socket, Peer peer) {
  /** First byte of a TLS handshake record (RFC 8446, section 5.1). */
  private static final int HANDSHAKE = 22;

  /** What Go's server says to a client that speaks plain HTTP. */
  private static final byte[] PLAIN_HTTP =
      "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"
          .getBytes(StandardCharsets.US_ASCII);

  /** Shakes hands; null when the client does not speak TLS, which it has been told, or left. */
  static @Nullable TlsChannel open(Socket socket, ServerCertificates certificates)
      throws IOException {
    int first = socket.getInputStream().read();
    if (first < 0) {
      return null;
    }
    if (first != HANDSHAKE) {
      socket.getOutputStream().write(PLAIN_HTTP);
      Parting.of(socket);
      return null;
    }
    SSLSocket tls =
        (SSLSocket)
            certificates
                .context()
                .getSocketFactory()
                .createSocket(socket, new ByteArrayInputStream(new byte[] {HANDSHAKE}), true);
    SSLParameters parameters = tls.getSSLParameters();
    parameters.setApplicationProtocols(new String[] {"http/1.1"});
    parameters.setWantClientAuth(true);
    tls.setSSLParameters(parameters);
    tls.startHandshake();
    return new TlsChannel(tls, peer(tls, certificates));
  }

  private static Peer peer(SSLSocket tls, ServerCertificates certificates) {
    Certificate[] chain;
    try {
      chain = tls.getSession().getPeerCertificates();
    } catch (SSLPeerUnverifiedException e) {
      // It showed none, and need not.
      return Peer.UNKNOWN;
    }
    if (!(chain[0] instanceof X509Certificate certificate) || !certificates.signed(certificate)) {
      return Peer.REFUSED;
    }
    try {
      String user = "";
      List<String> groups = new ArrayList<>();
      for (Rdn part : new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
        if (part.getType().equalsIgnoreCase("CN")) {
          user = part.getValue().toString();
        } else if (part.getType().equalsIgnoreCase("O")) {
          groups.add(part.getValue().toString());
        }
      }
      return user.isEmpty() ? Peer.REFUSED : Peer.ofCertificate(user, groups);
    } catch (InvalidNameException e) {
      return Peer.REFUSED;
    }
  }
}
