package kemu.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import kemu.kernel.locking.SpinLockProvider;
import kemu.workload.WorkloadProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plugin.example.FailingSpinLock;
import plugin.example.GreedyWorkload;
import plugin.example.OwnSpinLock;
import plugin.example.OwnWorkload;

/** Spinlocks and workloads of other authors, in every verb that takes one. */
class PluggedRunTest {
    @TempDir
    private Path dir;

    private ClassLoader before;

    private record Ran(int code, String out, String err) {}

    @BeforeEach
    void keep() {
        before = Thread.currentThread().getContextClassLoader();
    }

    @AfterEach
    void putBack() {
        Thread.currentThread().setContextClassLoader(before);
    }

    /** Runs {@code typed} with a plugin that offers {@code provider} as {@code service}. */
    private Ran with(Class<?> service, Class<?> provider, String typed) throws IOException {
        Path plugin = dir.resolve(provider.getSimpleName());
        Path services = Files.createDirectories(plugin.resolve("META-INF/services"));
        Files.writeString(services.resolve(service.getName()), provider.getName());
        List<String> args = new ArrayList<>(List.of(typed.split(" ")));
        args.addAll(List.of("--plugin", plugin.toString()));
        PrintStream stdout = System.out;
        PrintStream stderr = System.err;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
        try {
            int code = Main.execute(args.toArray(new String[0]));
            return new Ran(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(stdout);
            System.setErr(stderr);
        }
    }

    @Test
    void shouldRunAndCheckWithASpinLock() throws IOException {
        Ran listed = with(SpinLockProvider.class, OwnSpinLock.class, "list strategies");
        assertTrue(listed.out.contains("--spinlock own-spinlock     test and set once more"), listed.out);
        String run = "run forkstorm --processes 20 --memory 64m --spinlock own-spinlock";
        Ran ran = with(SpinLockProvider.class, OwnSpinLock.class, run);
        assertEquals(0, ran.code, ran.out + ran.err);
        assertTrue(ran.out.contains("spinlock=own-spinlock"), ran.out);
        Ran checked = with(
                SpinLockProvider.class,
                OwnSpinLock.class,
                "check rmap-hang-child --anon-vma root-reread --spinlock own-spinlock --out " + dir + "/out");
        assertEquals(1, checked.code, checked.out + checked.err);
        assertTrue(checked.out.contains("spinlock own-spinlock") || checked.out.contains("--plugin"), checked.out);
        Ran again = with(SpinLockProvider.class, OwnSpinLock.class, "replay " + dir + "/out/schedule.kemu");
        assertTrue(again.code == 1 && again.out.contains("same=true"), again.out + again.err);
    }

    @Test
    void shouldNameASpinLockThatFails() throws IOException {
        String run = "run forkstorm --processes 20 --memory 64m --spinlock failing-spinlock";
        Ran ran = with(SpinLockProvider.class, FailingSpinLock.class, run);
        assertEquals(1, ran.code, ran.out + ran.err);
        assertTrue(ran.out.contains("plugin spinlock failing-spinlock fails: NoSuchMethodError: SpinLocks.old()"));
        assertTrue(ran.out.contains("(made for another version of kemu?)"), ran.out);
        assertTrue(ran.out.contains("verdict=FAIL kind=plugin seed=1"), ran.out);
        String check = "check rmap-hang-child --spinlock failing-spinlock --out " + dir + "/out";
        Ran checked = with(SpinLockProvider.class, FailingSpinLock.class, check);
        assertEquals(1, checked.code, checked.out + checked.err);
        assertTrue(checked.out.contains("plugin spinlock failing-spinlock fails"), checked.out);
    }

    @Test
    void shouldRunAWorkloadWithOptionsOfItsOwn() throws IOException {
        Ran listed = with(WorkloadProvider.class, OwnWorkload.class, "list workloads");
        assertTrue(listed.out.contains("own-workload does nothing"), listed.out);
        Ran ran = with(WorkloadProvider.class, OwnWorkload.class, "run own-workload --memory 64m --idle-rounds 2");
        assertEquals(0, ran.code, ran.out + ran.err);
        Ran help = with(WorkloadProvider.class, OwnWorkload.class, "run --help");
        assertTrue(help.out.contains("--idle-rounds=N"), help.out);
        Ran wrong = with(WorkloadProvider.class, OwnWorkload.class, "run own-workload --idle-rounds 0");
        assertEquals(2, wrong.code, wrong.out + wrong.err);
        assertTrue(wrong.err.contains("--idle-rounds: 0 (allowed: 1..100)"), wrong.err);
        Ran others = with(WorkloadProvider.class, OwnWorkload.class, "run forkstorm --idle-rounds 2");
        assertEquals(2, others.code, others.out + others.err);
        assertTrue(others.err.contains("--idle-rounds: not for forkstorm"), others.err);
    }

    @Test
    void shouldNameAWorkloadThatFails() throws IOException {
        for (int in : new int[] {2, 100}) {
            String run = "run own-workload --memory 64m --fail-in " + in;
            Ran ran = with(WorkloadProvider.class, OwnWorkload.class, run);
            assertEquals(1, ran.code, ran.out + ran.err);
            assertTrue(ran.out.contains("plugin workload own-workload fails: "), ran.out + ran.err);
            assertTrue(ran.out.contains(" at plugin.example.OwnWorkload"), ran.out);
            assertTrue(ran.out.contains("verdict=FAIL kind=plugin"), ran.out);
        }
    }

    @Test
    void shouldSayInOneLineWhatCannotBeUsed() throws IOException {
        Ran taken = with(WorkloadProvider.class, GreedyWorkload.class, "run greedy");
        assertEquals(2, taken.code, taken.out + taken.err);
        assertEquals("kemu: plugin: workload greedy: option --seed is taken\n", taken.err);
        Thread.currentThread().setContextClassLoader(before);
        Ran bench = with(SpinLockProvider.class, OwnSpinLock.class, "bench plainRead --quick");
        assertEquals(2, bench.code, bench.out + bench.err);
        assertEquals("kemu: --plugin: only of bench pagefault and bench aim7\n", bench.err);
    }
}
