package sh.kaito.core.catalog;

/** A catalogue file or a preset that cannot be used; the message says where and what is allowed. */
public final class CatalogException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CatalogException(String message) {
    super(message);
  }

  CatalogException(String message, Throwable cause) {
    super(message, cause);
  }
}
