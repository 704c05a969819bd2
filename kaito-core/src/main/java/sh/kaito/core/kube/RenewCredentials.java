package sh.kaito.core.kube;

import io.kubernetes.client.util.credentials.RefreshAuthentication;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import okhttp3.Interceptor;
import okhttp3.Response;

/**
 * On 401 has the credentials fetched anew and repeats the request once. client-java renews tokens
 * by age alone and does not read when an exec plugin's token expires.
 */
final class RenewCredentials implements Interceptor {
  private final List<RefreshAuthentication> renewable;

  RenewCredentials(List<Interceptor> interceptors) {
    this.renewable =
        interceptors.stream()
            .filter(RefreshAuthentication.class::isInstance)
            .map(RefreshAuthentication.class::cast)
            .toList();
  }

  @Override
  public Response intercept(Chain chain) throws IOException {
    Response response = chain.proceed(chain.request());
    if (response.code() != 401 || renewable.isEmpty()) {
      return response;
    }
    response.close();
    for (RefreshAuthentication authentication : renewable) {
      authentication.setExpiry(Instant.MIN);
    }
    return chain.proceed(chain.request());
  }
}
