package sh.kaito.testkit.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;
import sh.kaito.testkit.ClusterFeature;

/** A test that runs only where the cluster can do this, and is skipped by name elsewhere. */
@Documented
@Inherited
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(KaitoClusterExtension.class)
public @interface Needs {

  /** What it needs. */
  ClusterFeature[] value();
}
