package kemu.tidy;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.nio.file.Files;
import java.nio.file.Path;

/** The classes that are shipped: those whose source is under {@code src/main} of a module, wherever compiled to. */
public final class Shipped {
    private Shipped() {}

    public static JavaClasses classes() {
        Path root = Repo.root();
        return new ClassFileImporter().importPackages("kemu").that(new DescribedPredicate<>("are shipped") {
            @Override
            public boolean test(JavaClass c) {
                String source = c.getPackageName().replace('.', '/') + "/"
                        + c.getSource().flatMap(s -> s.getFileName()).orElse("");
                return Repo.MODULES.stream()
                        .anyMatch(m -> Files.isRegularFile(root.resolve(m + "/src/main/java/" + source)));
            }
        });
    }
}
