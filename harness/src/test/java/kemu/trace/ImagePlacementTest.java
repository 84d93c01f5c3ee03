package kemu.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kemu.trace.model.Op;
import kemu.trace.model.ProcessImage;
import kemu.trace.model.Trace;
import kemu.trace.model.TraceException;
import kemu.trace.stat.ImageStats;
import org.junit.jupiter.api.Test;

/** What execve maps although no log lists it. */
class ImagePlacementTest {
    private static final String MAKE = """
            10 execve("/usr/bin/make", ["make"], 0x7ffc /* 35 vars */) = 0
            10 brk(NULL)       = 0x564b99aab000
            10 mmap(NULL, 16400, PROT_READ, MAP_PRIVATE|MAP_DENYWRITE, 4, 0) = 0x7f0781070000
            10 mprotect(0x564b72957000, 4096, PROT_READ) = 0
            10 mprotect(0x7f07810ba000, 8192, PROT_READ) = 0
            10 +++ exited with 0 +++
            """;

    @Test
    void shouldPutDataWhereRelroIsWhenLogProtectsIt() throws TraceException {
        ProcessImage image = Logs.plan(MAKE).image(0);
        assertEquals(0x564b99aab000L, image.heapStart());
        int exe = segmentAt(image, 0x564b72957000L);
        assertEquals(ProcessImage.EXE, image.kind(exe));
        assertEquals(Op.PROT_READ | Op.PROT_WRITE, image.prot(exe));
        int ldSo = segmentAt(image, 0x7f07810ba000L);
        assertEquals(ProcessImage.LD_SO, image.kind(ldSo));
        assertEquals(Op.PROT_READ | Op.PROT_WRITE, image.prot(ldSo));
        assertTrue(image.length(ldSo) > 8192, "RELRO must split it");
        assertEquals(132 * 1024, image.length(kind(image, ProcessImage.STACK)));
        assertTrue(kind(image, ProcessImage.VDSO) > 0 && kind(image, ProcessImage.VVAR) > 0);
    }

    @Test
    void shouldGiveWayWhenProcessMapsWhereGuessWouldLie() throws TraceException {
        String library = "10 mmap(NULL, 40960, PROT_READ, MAP_PRIVATE|MAP_DENYWRITE, 4, 0) = 0x7f0781090000\n";
        Trace t = Logs.plan(MAKE.replace("10 mprotect(0x564b7", library + "10 mprotect(0x564b7"));
        ProcessImage image = t.image(0);
        for (int i = 0; i < image.segments(); i++) {
            assertTrue(
                    image.start(i) + image.length(i) <= 0x7f0781090000L || image.start(i) >= 0x7f078109a000L,
                    "segment " + i + " overlaps the library");
        }
        assertEquals(t.plannedFaults(), ModelReplay.run(t, 1));
    }

    @Test
    void shouldLeaveReservationsAloneWhenTheyAreHuge() throws TraceException {
        Trace t = Logs.plan(MAKE.replace("10 +++", """
                10 mmap(NULL, 17592186044416, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_NORESERVE, \
                -1, 0) = 0x100000000000
                10 mmap(0x200000000000, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS, -1, 0) \
                = 0x180000000000
                10 brk(0x594b99aab000)       = 0x594b99aab000
                10 mprotect(0x100000000000, 8796093022208, PROT_READ) = 0
                10 mprotect(0x3b2957000, 8796093022208, PROT_READ) = 0
                10 clone(child_stack=NULL, flags=SIGCHLD) = 11
                11 madvise(0x100000000000, 8796093022208, MADV_DONTNEED) = 0
                11 +++ exited with 0 +++
                10 wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 11
                10 +++"""));
        assertEquals(t.plannedFaults(), ModelReplay.run(t, 1));
    }

    @Test
    void shouldBeTheShellWhenScriptIsExecuted() throws TraceException {
        Trace t = Logs.plan("""
                10 execve("./scripts/check-local-export", ["x"], 0x1 /* 1 var */) = 0
                10 +++ exited with 0 +++
                """);
        ProcessImage image = t.image(0);
        assertEquals("check-local-export", image.name());
        assertEquals("exe:/bin/sh", t.files().name(image.file(kind(image, ProcessImage.EXE))));
    }

    @Test
    void shouldHaveTheVmasOfTheRecordedBuildWhenRunSmall() {
        Map<String, ImageStats.Row> rows = new HashMap<>();
        ImageStats.of(Traces.bundled()).forEach(r -> rows.put(r.name(), r));
        for (Map.Entry<String, Integer> e : List.of(
                Map.entry("sh", 24),
                Map.entry("gcc", 27),
                Map.entry("nm", 138),
                Map.entry("as", 47),
                Map.entry("mkdir", 45),
                Map.entry("rm", 34),
                Map.entry("awk", 31),
                Map.entry("sed", 50))) {
            assertEquals((long) e.getValue(), rows.get(e.getKey()).percentile(4, 50), e.getKey());
        }
        assertEquals(364, rows.get("sh").percentile(5, 50), "private writable KiB, both RELROs protected");
    }

    @Test
    void shouldNameSameLibraryAlikeWhenMappedByDifferentProcesses() throws TraceException {
        String process = """
                10 execve("/bin/a", ["a"], 0x1 /* 1 var */) = 0
                10 mmap(NULL, 1974096, PROT_READ, MAP_PRIVATE|MAP_DENYWRITE, 4, 0) = 0x7f0780e8e000
                10 mmap(0x7f0780eb4000, 1400832, PROT_READ|PROT_EXEC, MAP_PRIVATE|MAP_FIXED|MAP_DENYWRITE, 4, \
                0x26000) = 0x7f0780eb4000
                10 vfork( <unfinished ...>
                11 execve("/bin/b", ["b"], 0x1 /* 1 var */) = 0
                10 <... vfork resumed>) = 11
                11 mmap(NULL, 1974096, PROT_READ, MAP_PRIVATE|MAP_DENYWRITE, 7, 0) = 0x7fff00000000
                11 mmap(NULL, 270, PROT_READ, MAP_PRIVATE, 7, 0) = 0x7ffe00000000
                11 +++ exited with 0 +++
                10 wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 11
                10 +++ exited with 0 +++
                """;
        Trace t = Logs.plan(process);
        List<String> a = Logs.ops(t, 0);
        List<String> b = Logs.ops(t, 1);
        int library = -1;
        for (int f = 0; f < t.files().size(); f++) {
            library = t.files().name(f).equals("lib:1974272") ? f : library;
        }
        assertTrue(library >= 0, t.files().name(0));
        assertTrue(a.get(1).endsWith("0x802,0x" + Integer.toHexString(library) + ",0x0"), a.get(1));
        assertTrue(a.get(2).endsWith("0x812,0x" + Integer.toHexString(library) + ",0x26000"), a.get(2));
        assertTrue(b.get(1).endsWith("0x802,0x" + Integer.toHexString(library) + ",0x0"), b.get(1));
        assertTrue(t.files().pages(library) * 4096 >= 0x26000 + 1400832);
    }

    private static int segmentAt(ProcessImage image, long start) {
        for (int i = 0; i < image.segments(); i++) {
            if (image.start(i) == start) {
                return i;
            }
        }
        throw new AssertionError("no segment starts at " + Long.toHexString(start));
    }

    private static int kind(ProcessImage image, int kind) {
        for (int i = 0; i < image.segments(); i++) {
            if (image.kind(i) == kind) {
                return i;
            }
        }
        throw new AssertionError("no segment of kind " + kind);
    }
}
