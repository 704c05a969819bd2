package sh.kaito.api.internal.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PublicUrlTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://data.example.org/a.json",
        "HTTPS://data.example.org:8443/a?b=c#d",
        "http://user:pw@data.example.org/a",
        "https://huggingface.co/datasets/philschmid/dolly-15k-oai-style/resolve/main/data/train-00000-of-00001-54e3756291ca09c6.parquet?download=true",
        "http://8.8.8.8/x",
        "http://[2001:4860:4860::8888]/x",
        "http://my_bucket.example.org/x",
        "http://b\u00fccher.example/x",
        "https://172.32.0.1/x",
        "https://localhost.example.org/x",
      })
  void publicOnes(String url) {
    assertThat(PublicUrl.problem(url)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "ftp://e.org/x, has the scheme",
    "file:///etc/passwd, has the scheme",
    "e.org/x, is not absolute",
    "'', is not absolute",
    "http:///x, has no host",
    "http://?x, has no host",
    "'http://e.org/a b', holds a space",
    "http://e.org\\@127.0.0.1/, holds a space",
    "http://localhost/x, aims at the node",
    "http://LOCALHOST.:80/x, aims at the node",
    "http://a.localhost/x, aims at the node",
    "http://127.0.0.1/x, aims at the node",
    "http://user@127.0.0.1/x, aims at the node",
    "http://e.org@127.0.0.1/x, aims at the node",
    "http://127.9.9.9/x, aims at the node",
    "http://0.0.0.0/x, aims at the node",
    "http://[::1]/x, aims at the node",
    "http://[::]/x, aims at the node",
    "http://[::ffff:127.0.0.1]/x, aims at the node",
    "http://169.254.169.254/latest/meta-data/, aims at a link-local address",
    "http://[fe80::1]/x, aims at a link-local address",
    "http://10.1.2.3/x, aims at a private address",
    "http://172.16.0.1/x, aims at a private address",
    "http://192.168.1.1/x, aims at a private address",
    "http://100.100.100.200/x, aims at a private address",
    "http://[fd00::1]/x, aims at a private address",
    "http://[::ffff:10.0.0.1]/x, aims at a private address",
    "http://metadata.google.internal/x, aims at the metadata service",
    "http://224.0.0.1/x, aims at no single host",
    "http://255.255.255.255/x, aims at no single host",
    "http://2130706433/x, has an address in an unusual notation",
    "http://0x7f000001/x, has an address in an unusual notation",
    "http://0x7f.1/x, has an address in an unusual notation",
    "http://127.1/x, has an address in an unusual notation",
    "http://0177.0.0.1/x, has an address in an unusual notation",
    "http://999.1.1.1/x, has no valid address",
    "http://[fe80::1%25eth0]/x, has no valid IPv6 address",
    "http://e.org:port/x, has no valid port",
    "http://$(x)/x, has no valid host",
  })
  void others(String url, String problem) {
    assertThat(PublicUrl.problem(url).orElse("public")).startsWith(problem);
  }
}
