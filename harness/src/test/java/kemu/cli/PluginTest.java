package kemu.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import kemu.check.Scenarios;
import kemu.check.scenario.Scenario;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import plugin.example.FailingLookup;
import plugin.example.HastyLookup;
import plugin.example.HastyMlock;
import plugin.example.OwnLocking;
import plugin.example.Rogue;
import plugin.example.TryLookup;

/** Plugins that work, and plugins that do not: the fault is theirs, by name, and the rest goes on. */
class PluginTest {
    @TempDir
    private Path dir;

    private Path jar;
    private ClassLoader before;

    private record Ran(int code, String out, String err) {}

    @BeforeEach
    void buildJar() throws IOException {
        before = Thread.currentThread().getContextClassLoader();
        Rogue.over = false;
        jar = dir.resolve("plugin.jar");
        write(jar, "kemu.check.scenario.Scenario", Rogue.class.getName());
    }

    private static void write(Path jar, String... services) throws IOException {
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file)) {
            for (int i = 0; i < services.length; i += 2) {
                out.putNextEntry(new JarEntry("META-INF/services/" + services[i]));
                out.write(services[i + 1].getBytes(StandardCharsets.UTF_8));
                out.closeEntry();
            }
        }
    }

    @AfterEach
    void putBack() {
        Rogue.over = true;
        Thread.currentThread().setContextClassLoader(before);
    }

    private Ran kemu(String... args) {
        PrintStream stdout = System.out;
        PrintStream stderr = System.err;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
        try {
            int code = Main.execute(args);
            return new Ran(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(stdout);
            System.setErr(stderr);
        }
    }

    private Ran rogue(String variant) {
        return kemu(
                "check",
                "rogue",
                "--variant",
                variant,
                "--plugin",
                jar.toString(),
                "--budget",
                "300ms",
                "--out",
                dir.resolve("out").toString());
    }

    @Test
    void shouldCheckAScenarioThatBehaves() {
        Ran ran = rogue("behaves");
        assertEquals(0, ran.code, ran.out + ran.err);
        assertTrue(ran.out.contains("verdict=PASS"), ran.out);
        assertFalse(Rogue.holds());
    }

    @ParameterizedTest
    @CsvSource({
        "throws, UnsupportedOperationException: not my day",
        "loops, loops without touching memory at plugin.example.Rogue",
        "allocates, OutOfMemoryError",
        "throws-early, IllegalStateException: no scene today"
    })
    void shouldNameThePluginThatFails(String variant, String reason) {
        Ran ran = rogue(variant);
        assertEquals(1, ran.code, ran.out + ran.err);
        assertTrue(ran.out.contains("plugin scenario rogue ") && ran.out.contains(reason), ran.out + ran.err);
        assertTrue(ran.out.stripTrailing().endsWith("kind=plugin seed=1"), ran.out);
        assertFalse((ran.out + ran.err).contains("\tat "), "a stack trace");
    }

    @Test
    void shouldPrintTheRestOfTheMatrix() {
        Ran ran = kemu(
                "check",
                "all",
                "--plugin",
                jar.toString(),
                "--anon-vma",
                "root-recheck",
                "--variant",
                "throws",
                "--executions",
                "40",
                "--budget",
                "5s");
        assertEquals(1, ran.code, ran.out + ran.err);
        assertTrue(ran.out.matches("(?s).*rogue +throws .*plugin scenario rogue fails.*SUMMARY.*"), ran.out);
        assertTrue(ran.out.matches("(?s).*rmap-hang-root +root-recheck .*found.*"), ran.out);
    }

    @Test
    void shouldCheckAStrategyOfAnotherAuthor() throws IOException {
        write(jar, "kemu.mm.rmap.AnonVmaLockingProvider", OwnLocking.class.getName());
        Ran ran = kemu(
                "check",
                "rmap-hang-child",
                "--anon-vma",
                "own-locking",
                "--plugin",
                jar.toString(),
                "--out",
                dir.resolve("out").toString());
        assertEquals(0, ran.code, ran.out + ran.err);
    }

    private Ran withLookup(Class<?> provider, String... args) throws IOException {
        write(jar, "kemu.mm.vma.VmaLookupProvider", provider.getName());
        return kemu(with(args, "--plugin", jar.toString()));
    }

    private static String[] with(String[] args, String... more) {
        return Stream.concat(Stream.of(args), Stream.of(more)).toArray(String[]::new);
    }

    @Test
    void shouldListALookupOfVmasOfAnotherAuthor() throws IOException {
        assertFalse(kemu("list", "strategies").out.contains("try-mmap-sem"));
        Ran ran = withLookup(TryLookup.class, "list", "strategies");
        assertTrue(ran.out.contains("--vma-lookup try-mmap-sem   mmap_sem, if it is to be had at once"), ran.out);
    }

    /** The scenes about lookups are not only for those that kemu knows. */
    @Test
    void shouldJudgeALookupOfVmasOfAnotherAuthorByEveryScenarioAboutLookups() throws IOException {
        String[] all = {"check", "all", "--vma-lookup", "try-mmap-sem", "--variant", "try-mmap-sem", "--budget", "30s"};
        String[] less = {"--anon-vma", "root-recheck", "--executions", "3000", "--out", dir + "/out"};
        Ran ran = withLookup(TryLookup.class, with(all, less));
        List<Scenario> about = Scenarios.all().stream()
                .filter(one -> one.variants().contains("try-mmap-sem"))
                .toList();
        assertTrue(about.size() >= 14, about::toString);
        // Their grace periods, sleeps or third CPUs take more executions than a test has time for.
        Set<String> large = Set.of("vma-nref", "vma-protect-reuse", "vma-cache-fill", "vma-stackrot", "tlb-fork-fault");
        for (Scenario one : about) {
            String found = large.contains(one.name()) ? "(PASS|UNKNOWN)" : "PASS";
            String cell = "(?s).*" + one.name() + " +try-mmap-sem +sc +expected PASS +found " + found + " .*";
            assertTrue(ran.out.matches(cell), ran.out);
        }
        assertTrue(ran.out.contains(" differ=0 ") && ran.out.contains(" broken=0 "), ran.out);
        assertTrue(ran.out.contains("lookups of VMAs of plugins are not tried in"), ran.out);
        assertFalse(ran.out.contains(" spf"), ran.out);
    }

    @Test
    void shouldConvictAWayToMlockOfAnotherAuthor() throws IOException {
        write(jar, "kemu.mm.mlock.MlockingProvider", HastyMlock.class.getName());
        Ran listed = kemu("list", "strategies", "--plugin", jar.toString());
        assertTrue(listed.out.contains("--mlock hasty-mlock         munlocks private pages"), listed.out);
        String[] typed = {"check", "mlock-trunc-lazy", "--variant", "hasty-mlock", "--preemptions", "2"};
        Ran ran = kemu(with(typed, "--out", dir + "/out", "--plugin", jar.toString()));
        assertEquals(1, ran.code, ran.out + ran.err);
        assertTrue(ran.out.contains("verdict=FAIL") && ran.out.contains("kind=bad-page-state"), ran.out);
        assertTrue(ran.out.matches("(?s).*replay: .* --plugin .*plugin.jar.*"), ran.out);
    }

    @Test
    void shouldConvictALookupOfVmasOfAnotherAuthor() throws IOException {
        Ran ran = withLookup(HastyLookup.class, "check", "vma-zap", "--vma-lookup", "hasty", "--out", dir + "/out");
        assertEquals(1, ran.code, ran.out + ran.err);
        assertTrue(ran.out.contains("verdict=FAIL") && ran.out.contains("kind=accounting"), ran.out);
        assertTrue(ran.out.matches("(?s).*replay: .* --plugin .*plugin.jar.*"), ran.out);
        Ran replayed = kemu("replay", dir + "/out/schedule.kemu", "--plugin", jar.toString());
        assertTrue(replayed.code == 1 && replayed.out.contains("same=true"), replayed.out + replayed.err);
    }

    @Test
    void shouldNameALookupOfVmasThatFails() throws IOException {
        Ran ran = withLookup(FailingLookup.class, "check", "vma-zap", "--variant", "failing", "--out", dir + "/out");
        assertEquals(1, ran.code, ran.out + ran.err);
        assertTrue(ran.out.contains("plugin vma-lookup failing fails: UnsupportedOperationException"), ran.out);
        assertTrue(ran.out.stripTrailing().endsWith("kind=plugin seed=1"), ran.out);
    }

    @Test
    void shouldRunAWorkloadWithALookupOfVmasOfAnotherAuthor() throws IOException {
        String[] storm = {"run", "forkstorm", "--processes", "20", "--vma-lookup"};
        Ran ran = withLookup(TryLookup.class, with(storm, "try-mmap-sem"));
        assertEquals(0, ran.code, ran.out + ran.err);
        assertTrue(ran.out.contains("vma_lookup=try-mmap-sem"), ran.out);
        Ran failing = withLookup(FailingLookup.class, with(storm, "failing"));
        assertEquals(1, failing.code, failing.out + failing.err);
        assertTrue(failing.out.contains("plugin vma-lookup failing fails: Unsupported"), failing.out);
        Ran unknown = withLookup(TryLookup.class, with(storm, "nobody"));
        assertEquals(2, unknown.code, unknown.out + unknown.err);
        assertTrue(unknown.err.lines().count() == 1 && unknown.err.contains("try-mmap-sem)"), unknown.err);
    }

    @Test
    void shouldSayInOneLineWhatMakesAJarUseless() throws IOException {
        Path text = Files.writeString(dir.resolve("text.jar"), "no jar");
        Path empty = dir.resolve("empty.jar");
        write(empty, "java.lang.Runnable", "x.Y");
        Path missing = dir.resolve("missing.jar");
        write(missing, "kemu.check.scenario.Scenario", "no.such.Type");
        Path noLookup = dir.resolve("no-lookup.jar");
        write(noLookup, "kemu.mm.vma.VmaLookupProvider", "no.such.Type");
        for (Path bad : new Path[] {text, empty, missing, noLookup, dir.resolve("none.jar"), dir}) {
            Ran ran = kemu("check", "rmap-hang-child", "--plugin", bad.toString());
            assertEquals(2, ran.code, ran.err);
            assertEquals(1, ran.err.lines().count(), ran.err);
            assertTrue(ran.err.startsWith("kemu: plugin: "), ran.err);
        }
    }
}
