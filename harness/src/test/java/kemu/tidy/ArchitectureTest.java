package kemu.tidy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The shipped classes keep {@link Rules}; and every rule is able to fire. */
final class ArchitectureTest {
    private static final JavaClasses SHIPPED = Shipped.classes();
    private static final JavaClasses BAD = new ClassFileImporter()
            .importPackages(
                    "kemu.hw.badfixture", "kemu.kernel.badfixture", "kemu.rcu.badfixture", "kemu.mm.badfixture");

    @TestFactory
    List<DynamicTest> shouldHoldForShippedClasses() {
        List<DynamicTest> tests = new ArrayList<>();
        rules().forEach((name, rule) -> tests.add(
                DynamicTest.dynamicTest(name, () -> rule.allowEmptyShould(true).check(SHIPPED))));
        return tests;
    }

    @TestFactory
    List<DynamicTest> shouldFireWhenBroken() {
        List<DynamicTest> tests = new ArrayList<>();
        rules().forEach((name, rule) -> tests.add(DynamicTest.dynamicTest(
                name, () -> assertTrue(rule.evaluate(BAD).hasViolation(), name + " did not fire on the bad fixture"))));
        return tests;
    }

    @Test
    void shouldSeeTheShippedClasses() {
        assertTrue(SHIPPED.size() > 0);
        for (String module : List.of("kemu.hw")) {
            assertTrue(
                    SHIPPED.stream().anyMatch(c -> c.getPackageName().startsWith(module)),
                    "nothing imported of " + module);
        }
    }

    /** A third implementation makes every call site of the kernel megamorphic: about three times the cost an access. */
    @Test
    void shouldHaveExactlyTwoCpus() throws ClassNotFoundException {
        List<String> permitted = new ArrayList<>();
        for (Class<?> c : Class.forName("kemu.hw.cpu.Cpu").getPermittedSubclasses()) {
            assertTrue(Modifier.isFinal(c.getModifiers()), c + " is not final");
            permitted.add(c.getSimpleName());
        }
        permitted.sort(null);
        assertEquals(List.of("EmuCpu", "NativeCpu"), permitted);
    }

    @Test
    void shouldListNoExceptionThatIsNotNeeded() {
        List<String> stale = new ArrayList<>();
        unneeded(Rules.HOST_SIDE, stale, c -> uses(c, Rules.hostType()) || callsHostClock(c));
        unneeded(Rules.HOST_MEMORY, stale, c -> uses(c, Rules.hostMemory()));
        unneeded(Rules.CONTINUATION, stale, c -> uses(c, Rules.continuation()));
        Map<String, Set<String>> hidden =
                HiddenState.of(SHIPPED.that(JavaClass.Predicates.resideInAnyPackage("kemu.rcu..", "kemu.mm..")));
        for (String entry : Rules.MUTABLE.keySet()) {
            boolean needed = SHIPPED.stream()
                    .flatMap(c -> c.getFields().stream())
                    .filter(f -> entry.equals(f.getFullName())
                            || entry.equals(Rules.topLevel(f.getOwner()).getName()))
                    .anyMatch(f -> changes(f, hidden));
            if (!needed) {
                stale.add(entry);
            }
        }
        assertEquals(List.of(), stale);
    }

    private static boolean changes(JavaField f, Map<String, Set<String>> hidden) {
        return !f.getModifiers().contains(JavaModifier.FINAL) || hidden.containsKey(f.getFullName());
    }

    private static void unneeded(Map<String, String> list, List<String> stale, Predicate<JavaClass> needs) {
        for (String entry : list.keySet()) {
            if (SHIPPED.stream().noneMatch(c -> Rules.listed(c, entry) && needs.test(c))) {
                stale.add(entry);
            }
        }
    }

    private static boolean uses(JavaClass c, DescribedPredicate<JavaClass> what) {
        return c.getDirectDependenciesFromSelf().stream().anyMatch(d -> what.test(d.getTargetClass()));
    }

    private static boolean callsHostClock(JavaClass c) {
        return c.getMethodCallsFromSelf().stream().anyMatch(Rules.hostClockOrChance());
    }

    private static Map<String, ArchRule> rules() {
        Map<String, ArchRule> rules = new TreeMap<>();
        for (Field f : Rules.class.getDeclaredFields()) {
            if (ArchRule.class.isAssignableFrom(f.getType())) {
                try {
                    rules.put(f.getName(), (ArchRule) f.get(null));
                } catch (IllegalAccessException e) {
                    throw new AssertionError(e);
                }
            }
        }
        return rules;
    }
}
