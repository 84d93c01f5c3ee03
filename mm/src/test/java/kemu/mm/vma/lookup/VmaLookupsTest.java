package kemu.mm.vma.lookup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import kemu.mm.KernelConfig;
import kemu.mm.vma.VmaLookup;
import kemu.mm.vma.VmaLookupProvider;
import kemu.mm.vma.VmaServices;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VmaLookupsTest {
    @Test
    void shouldListEveryLookupOnceAndMarkTheKnownBad() {
        for (VmaLookupProvider provider : VmaLookups.BUILT_IN) {
            assertEquals(provider, VmaLookups.byName(provider.name()));
            assertFalse(provider.description().isBlank());
        }
        for (String sound : List.of("mmap-sem", "spf", "per-vma-lock", "per-vma-refcount")) {
            assertFalse(VmaLookups.byName(sound).knownBad(), sound);
        }
        assertTrue(VmaLookups.byName("per-vma-refcount-6.15").knownBad());
        assertEquals(KernelConfig.of(0).vmaLookup(), VmaLookups.BUILT_IN.get(0).name(), "the default comes first");
        assertEquals(List.of(), VmaLookups.foreign());
    }

    /** What a jar from outside would bring. */
    public static final class Provider implements VmaLookupProvider {
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
        public VmaLookup create(VmaServices services) {
            return new MmapSemLookup();
        }
    }

    @Test
    void shouldFindLookupsOfJarsByNameAndSayWhatIsAllowed(@TempDir Path jar) throws IOException {
        Path services = Files.createDirectories(jar.resolve("META-INF/services"));
        Files.writeString(services.resolve(VmaLookupProvider.class.getName()), Provider.class.getName());
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (URLClassLoader loader = new URLClassLoader(new URL[] {jar.toUri().toURL()}, before)) {
            thread.setContextClassLoader(loader);
            assertEquals("a plug-in", VmaLookups.byName("from-a-jar").description());
            assertEquals(1, VmaLookups.foreign().size());
            String wrong = assertThrows(IllegalArgumentException.class, () -> VmaLookups.byName("nonsense"))
                    .getMessage();
            assertTrue(wrong.startsWith("vma-lookup: nonsense (allowed: mmap-sem, spf, "), wrong);
            assertTrue(wrong.endsWith(", from-a-jar)"), wrong);
        } finally {
            thread.setContextClassLoader(before);
        }
    }
}
