package sh.kaito.testkit.internal.apiserver.tls;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import sh.kaito.testkit.internal.apiserver.Caller;

/**
 * A certificate authority of one server's own, made in memory, with the server's certificate and
 * those of clients. Keys are P-256 and are gone with the server. Thread-safe.
 */
public final class ServerCertificates {
  private static final Duration VALID = Duration.ofDays(365);

  /** Certificates begin to be valid a little earlier, for clients whose clock is behind. */
  private static final Duration BEHIND = Duration.ofHours(1);

  /**
   * A client's certificate and key, both PEM.
   *
   * @param key PKCS #8, unencrypted: a secret
   */
  public record Client(String certificate, String key) {
    @Override
    public String toString() {
      return "Client[" + certificate.length() + " characters of certificate, key hidden]";
    }
  }

  private final Clock clock;
  private final SecureRandom random = new SecureRandom();
  private final KeyPair authorityKeys;
  private final X509Certificate authority;
  private final SSLContext context;

  private ServerCertificates(Clock clock)
      throws GeneralSecurityException, OperatorCreationException, IOException {
    this.clock = clock;
    this.authorityKeys = keys();
    X500Name name = name("kaito-testkit-ca", List.of());
    this.authority =
        sign(
            builder(name, name, authorityKeys)
                .addExtension(Extension.basicConstraints, true, new BasicConstraints(true))
                .addExtension(
                    Extension.keyUsage,
                    true,
                    new KeyUsage(KeyUsage.keyCertSign | KeyUsage.digitalSignature)));
    this.context = serverContext();
  }

  /** Makes an authority and a server certificate for 127.0.0.1, ::1 and localhost. */
  public static ServerCertificates create(Clock clock) {
    try {
      return new ServerCertificates(clock);
    } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
      throw noCertificate(e);
    }
  }

  private static IllegalStateException noCertificate(Exception cause) {
    return new IllegalStateException(
        "cannot make the API server's certificates; TLS needs P-256, SHA-256 and PKCS #12 of the"
            + " Java platform: "
            + cause.getMessage(),
        cause);
  }

  /** The authority's certificate, PEM. */
  public String authorityPem() {
    return pem(authority);
  }

  /** What the server's sockets are made from. Clients may show a certificate, and need not. */
  public SSLContext context() {
    return context;
  }

  /** Makes a certificate that authenticates a user: common name and organisations (groups). */
  public Client client(Caller user) {
    List<String> groups =
        user.groups().stream().filter(group -> !group.equals(Caller.AUTHENTICATED)).toList();
    try {
      KeyPair keys = keys();
      X509Certificate certificate =
          sign(leaf(name(user.name(), groups), keys, KeyPurposeId.id_kp_clientAuth));
      return new Client(pem(certificate), pem(new JcaPKCS8Generator(keys.getPrivate(), null)));
    } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
      throw noCertificate(e);
    }
  }

  /** Whether the authority has signed a client's certificate and it is valid now. */
  public boolean signed(X509Certificate certificate) {
    try {
      certificate.verify(authority.getPublicKey());
      certificate.checkValidity(Date.from(clock.instant()));
      List<String> purposes = certificate.getExtendedKeyUsage();
      return purposes != null && purposes.contains(KeyPurposeId.id_kp_clientAuth.getId());
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private SSLContext serverContext()
      throws GeneralSecurityException, OperatorCreationException, IOException {
    KeyPair keys = keys();
    GeneralName[] names = {
      new GeneralName(GeneralName.iPAddress, "127.0.0.1"),
      new GeneralName(GeneralName.iPAddress, "::1"),
      new GeneralName(GeneralName.dNSName, "localhost")
    };
    X509Certificate certificate =
        sign(
            leaf(name("kube-apiserver", List.of()), keys, KeyPurposeId.id_kp_serverAuth)
                .addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names)));
    char[] noPassword = new char[0];
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry(
        "server", keys.getPrivate(), noPassword, new X509Certificate[] {certificate, authority});
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, noPassword);
    SSLContext made = SSLContext.getInstance("TLS");
    made.init(factory.getKeyManagers(), new TrustManager[] {new AnyClient()}, random);
    return made;
  }

  private KeyPair keys() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"), random);
    return generator.generateKeyPair();
  }

  private static X500Name name(String commonName, List<String> organisations) {
    X500NameBuilder name = new X500NameBuilder(BCStyle.INSTANCE);
    organisations.forEach(organisation -> name.addRDN(BCStyle.O, organisation));
    return name.addRDN(BCStyle.CN, commonName).build();
  }

  private X509v3CertificateBuilder builder(X500Name issuer, X500Name subject, KeyPair keys) {
    Instant now = clock.instant();
    return new JcaX509v3CertificateBuilder(
        issuer,
        new BigInteger(127, random),
        Date.from(now.minus(BEHIND)),
        Date.from(now.plus(VALID)),
        subject,
        keys.getPublic());
  }

  private X509v3CertificateBuilder leaf(X500Name subject, KeyPair keys, KeyPurposeId purpose)
      throws IOException {
    return builder(
            X500Name.getInstance(authority.getSubjectX500Principal().getEncoded()), subject, keys)
        .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
        .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
        .addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
  }

  private X509Certificate sign(X509v3CertificateBuilder builder)
      throws GeneralSecurityException, OperatorCreationException {
    return new JcaX509CertificateConverter()
        .getCertificate(
            builder.build(
                new JcaContentSignerBuilder("SHA256withECDSA").build(authorityKeys.getPrivate())));
  }

  private static String pem(Object object) {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      writer.writeObject(object);
    } catch (IOException e) {
      throw noCertificate(e);
    }
    return text.toString();
  }
}
