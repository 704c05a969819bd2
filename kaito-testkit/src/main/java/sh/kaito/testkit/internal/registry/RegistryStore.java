package sh.kaito.testkit.internal.registry;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What a registry holds, within limits. Not thread-safe: its owner takes turns. */
final class RegistryStore {
  /** Uploads that were begun and not ended; the oldest gives way. */
  private static final int OPEN_UPLOADS = 64;

  /** A manifest. */
  record StoredManifest(String mediaType, byte[] content, String digest) {}

  /** An upload on its way. */
  static final class Upload {
    final String repository;
    private byte[] received = new byte[0];

    private Upload(String repository) {
      this.repository = repository;
    }

    int size() {
      return received.length;
    }
  }

  private static final class Repository {
    final Map<String, byte[]> blobs = new HashMap<>();
    final Map<String, StoredManifest> manifests = new TreeMap<>();
    final Map<String, String> tags = new TreeMap<>();
  }

  private final long capacity;
  private final Map<String, Repository> repositories = new TreeMap<>();
  private final Map<String, Upload> uploads = new TreeMap<>();
  private long used;
  private long begun;

  RegistryStore(long capacity) {
    this.capacity = capacity;
  }

  private Repository repository(String name) {
    return repositories.computeIfAbsent(name, key -> new Repository());
  }

  private @Nullable Repository existing(String name) {
    return repositories.get(name);
  }

  boolean hasRepository(String name) {
    return repositories.containsKey(name);
  }

  /** Names of all repositories, sorted. */
  List<String> repositories() {
    return List.copyOf(repositories.keySet());
  }

  Optional<byte[]> blob(String repository, String digest) {
    Repository found = existing(repository);
    return found == null ? Optional.empty() : Optional.ofNullable(found.blobs.get(digest));
  }

  /** Keeps a blob whose digest was checked; false when there is no room. */
  boolean putBlob(String repository, String digest, byte[] content) {
    if (blob(repository, digest).isPresent()) {
      return true;
    }
    if (used + content.length > capacity) {
      return false;
    }
    repository(repository).blobs.put(digest, content);
    used += content.length;
    return true;
  }

  /** Makes a blob of one repository known in another; it is stored once. */
  boolean mount(String from, String repository, String digest) {
    Optional<byte[]> content = blob(from, digest);
    content.ifPresent(bytes -> repository(repository).blobs.putIfAbsent(digest, bytes));
    return content.isPresent();
  }

  /** Begins an upload; its id is the place in the order of uploads. */
  String begin(String repository) {
    if (uploads.size() >= OPEN_UPLOADS) {
      String oldest = uploads.keySet().iterator().next();
      end(oldest);
    }
    String id = String.format(java.util.Locale.ROOT, "%019d", ++begun);
    uploads.put(id, new Upload(repository));
    return id;
  }

  Optional<Upload> upload(String repository, String id) {
    return Optional.ofNullable(uploads.get(id))
        .filter(upload -> upload.repository.equals(repository));
  }

  /** Adds to an upload; false when there is no room. */
  boolean append(Upload upload, byte[] chunk) {
    if (used + chunk.length > capacity) {
      return false;
    }
    int before = upload.received.length;
    upload.received = Arrays.copyOf(upload.received, before + chunk.length);
    System.arraycopy(chunk, 0, upload.received, before, chunk.length);
    used += chunk.length;
    return true;
  }

  /** Forgets an upload and returns what it had received. */
  byte[] end(String id) {
    Upload upload = uploads.remove(id);
    if (upload == null) {
      return new byte[0];
    }
    used -= upload.received.length;
    return upload.received;
  }

  Optional<StoredManifest> manifest(String repository, String reference) {
    Repository found = existing(repository);
    if (found == null) {
      return Optional.empty();
    }
    String digest = found.tags.getOrDefault(reference, reference);
    return Optional.ofNullable(found.manifests.get(digest));
  }

  /** Keeps a manifest, under a tag where the reference is one; false when there is no room. */
  boolean putManifest(String repository, String reference, StoredManifest manifest) {
    Repository found = repository(repository);
    if (!found.manifests.containsKey(manifest.digest())) {
      if (used + manifest.content().length > capacity) {
        return false;
      }
      used += manifest.content().length;
      found.manifests.put(manifest.digest(), manifest);
    }
    if (ImageReference.isTag(reference)) {
      found.tags.put(reference, manifest.digest());
    }
    return true;
  }

  /** Tags of a repository in lexical order, as the spec wants them. */
  List<String> tags(String repository) {
    Repository found = existing(repository);
    return found == null ? List.of() : List.copyOf(new TreeSet<>(found.tags.keySet()));
  }

  /** Manifests of a repository. */
  List<StoredManifest> manifests(String repository) {
    Repository found = existing(repository);
    return found == null ? List.of() : new ArrayList<>(found.manifests.values());
  }
}
