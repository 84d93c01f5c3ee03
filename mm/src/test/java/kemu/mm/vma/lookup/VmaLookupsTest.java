package kemu.mm.vma.lookup;

import static kemu.hw.mem.PhysMem.PAGE_SIZE;
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
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;
import kemu.mm.KernelConfig;
import kemu.mm.types.VmArea;
import kemu.mm.vma.VmaLookup;
import kemu.mm.vma.VmaLookupProvider;
import kemu.mm.vma.VmaServices;
import kemu.mm.vma.VmaTestKernel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VmaLookupsTest {
    private static final long BASE = 0x6000_0000_0000L;

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

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldTellWhoPutsTheReferenceOfATreeThatAVmaIsStillOn(String kind) {
        try (VmaTestKernel test = VmaTestKernel.boot(kind, 1, 1, EveryLookupTest.BUG_ON)) {
            KernelBug bug = assertThrows(
                    KernelBug.class,
                    () -> test.run((cpu, id) -> {
                        long mm = test.kernel.mms().mmAlloc(cpu);
                        test.kernel.mmap().mmap(cpu, mm, BASE, PAGE_SIZE, VmArea.VM_READ, true, Cpu.NULL, 0);
                        test.kernel.mmap().munmap(cpu, mm, BASE, PAGE_SIZE);
                    }));
            assertEquals(FailureKind.CORRUPTION, bug.kind());
            assertTrue(bug.getMessage().startsWith("BUG: vm_rcu_put of a VMA that is on a tree"), bug.getMessage());
        }
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
