package kemu.mm.rmap.lock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import kemu.mm.KernelConfig;
import kemu.mm.rmap.AnonVmaLocking;
import kemu.mm.rmap.AnonVmaLockingProvider;
import kemu.mm.rmap.AnonVmaServices;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AnonVmaLockingsTest {
    @Test
    void shouldListEveryStrategyOnceAndMarkTheKnownBad() {
        for (AnonVmaLockingProvider provider : AnonVmaLockings.BUILT_IN) {
            assertEquals(provider, AnonVmaLockings.byName(provider.name()));
            assertFalse(provider.description().isBlank());
        }
        assertTrue(AnonVmaLockings.byName("root-reread").knownBad());
        assertFalse(AnonVmaLockings.byName("root-recheck").knownBad());
        assertEquals(
                KernelConfig.of(0).anonVma(), AnonVmaLockings.BUILT_IN.get(0).name(), "the default comes first");
    }

    @Test
    void shouldSayWhatIsAllowedWhenNameIsUnknown() {
        IllegalArgumentException wrong =
                assertThrows(IllegalArgumentException.class, () -> AnonVmaLockings.byName("nonsense"));
        assertTrue(
                wrong.getMessage()
                        .startsWith(
                                "anon-vma: nonsense (allowed: root-recheck, root-reread, root-rwsem, root-rwsem-rev"),
                wrong.getMessage());
    }

    /** What a jar from outside would bring. */
    public static final class Provider implements AnonVmaLockingProvider {
        @Override
        public String name() {
            return "from-a-jar";
        }

        @Override
        public String description() {
            return "a plug-in";
        }

        @Override
        public boolean knownBad() {
            return false;
        }

        @Override
        public AnonVmaLocking create(AnonVmaServices services) {
            return new RootRecheckLocking(services);
        }
    }

    @Test
    void shouldFindStrategiesOfJarsByName(@TempDir Path jar) throws IOException {
        Path services = Files.createDirectories(jar.resolve("META-INF/services"));
        Files.writeString(services.resolve(AnonVmaLockingProvider.class.getName()), Provider.class.getName());
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (URLClassLoader loader = new URLClassLoader(new URL[] {jar.toUri().toURL()}, before)) {
            thread.setContextClassLoader(loader);
            assertEquals("a plug-in", AnonVmaLockings.byName("from-a-jar").description());
            assertTrue(assertThrows(IllegalArgumentException.class, () -> AnonVmaLockings.byName("nonsense"))
                    .getMessage()
                    .endsWith("own-lock-first, from-a-jar)"));
        } finally {
            thread.setContextClassLoader(before);
        }
    }
}
