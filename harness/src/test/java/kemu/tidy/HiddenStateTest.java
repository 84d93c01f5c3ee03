package kemu.tidy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import kemu.mm.badfixture.BadTable;
import org.junit.jupiter.api.Test;

final class HiddenStateTest {
    @Test
    void shouldFindEachWayToChangeWhatAFinalFieldRefersTo() {
        Map<String, Set<String>> found = HiddenState.of(new ClassFileImporter().importClasses(BadTable.class));
        assertEquals(
                Set.of("stored", "rows", "viaHelper", "viaGetter", "viaLambda", "viaJdk", "list"),
                found.keySet().stream()
                        .map(field -> field.substring(field.lastIndexOf('.') + 1))
                        .collect(Collectors.toCollection(TreeSet::new)));
        assertEquals(Set.of(BadTable.class.getName() + ".change"), found.get(BadTable.class.getName() + ".stored"));
    }
}
