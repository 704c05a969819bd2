package sh.kaito.core.catalog;

import java.util.Locale;

/** Who sells an instance type. */
public enum CloudProvider {
  /** Microsoft Azure. */
  AZURE,
  /** Amazon Web Services. */
  AWS,
  /** Azure Arc: Kubernetes on the owner's machines. */
  ARC;

  /** Lower-case name, as in catalogue files. */
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
