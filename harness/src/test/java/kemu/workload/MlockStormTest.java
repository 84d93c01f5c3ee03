package kemu.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiFunction;
import kemu.hw.cpu.Cpu;
import kemu.mm.Kernel;
import kemu.mm.mlock.kind.Mlockings;
import kemu.mm.pgtable.Pte;
import kemu.mm.process.Processes;
import kemu.mm.strategy.Strategies;
import kemu.report.RunReport;
import kemu.report.Verdict;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The storm passes with every way to mlock that is not known to be bad, and what is wrong with files it notices. */
class MlockStormTest {
    private static final int PAGE = UserProgram.pageSize();
    private static final int PAGES = 24;
    private static final long SHARED = 0x7100_0000_0000L;
    private static final long COPIES = 0x7200_0000_0000L;
    private static final long KEY = 77;

    static List<String> sound() {
        return Strategies.sound(Mlockings.BUILT_IN);
    }

    private static RunReport run(String mlock, BiFunction<Kernel, Counts, Workload> workload) throws IOException {
        return OneRound.run(12L << 20, 24L << 20, "mmap-sem", mlock, workload);
    }

    @ParameterizedTest
    @MethodSource("sound")
    void shouldPass(String mlock) throws IOException {
        RunReport report =
                run(mlock, (kernel, counts) -> new MlockStorm(kernel, counts, new MlockStorm.Plan(2, 2, 0, 1)));
        assertEquals(Verdict.PASS, report.verdict(), report::text);
        assertEquals(4L, report.value("phases"));
        for (String done : List.of("mlocks", "munlocks", "truncates", "punches", "fsyncs", "sigbus", "pswpout")) {
            assertTrue((Long) report.value(done) > 0, done);
        }
        assertTrue((Long) report.value("unevictable_pgs_mlocked") > 0);
        assertEquals(0L, report.value("nr_mlock"));
    }

    /** One process with a file of its own, mapped. */
    private static final class Once extends OneRound {
        private final Kernel kernel;
        private final Counts counts;
        private final Body body;

        Once(Kernel kernel, Counts counts, Body body) {
            this.kernel = kernel;
            this.counts = counts;
            this.body = body;
        }

        @Override
        void once(Cpu cpu) {
            Syscalls syscalls = new Syscalls(kernel, counts);
            long file = kernel.files().open(cpu, KEY, (long) PAGES * PAGE);
            process(cpu, kernel, syscalls, 0, own -> live(own, syscalls, file));
            kernel.files().put(cpu, file);
        }

        private void live(Cpu cpu, Syscalls syscalls, long file) {
            MlockCalls calls = new MlockCalls(kernel, counts);
            OwnFile own = new OwnFile(new OwnFile.Place(file, KEY, PAGES, SHARED, COPIES), syscalls, calls);
            CommonFile common = new CommonFile(syscalls, calls, file, KEY, PAGES);
            assertTrue(own.map(cpu) && common.map(cpu));
            body.run(new Own(cpu, kernel, counts, calls, own, common, file));
        }
    }

    private interface Body {
        void run(Own process);
    }

    /** What the body has. */
    private record Own(
            Cpu cpu, Kernel kernel, Counts counts, MlockCalls calls, OwnFile own, CommonFile common, long file) {
        FileAccess access() {
            return new FileAccess(kernel, counts, new LongAdder(), "test");
        }

        UserProgram user() {
            return new UserProgram(kernel, counts, 1, new StampTable());
        }

        /** Changes a word behind everybody's back. */
        void scribble(long address, long value) {
            long pte = kernel.pageTable().find(cpu, Processes.currentMm(cpu), address);
            cpu.writeOnce64(Pte.frame(cpu.readOnce64(pte)) + address % PAGE, value);
        }
    }

    private static void assertSays(String kind, String expected, Body body) throws IOException {
        RunReport report = run("with-barrier", (kernel, counts) -> new Once(kernel, counts, body));
        assertEquals(Verdict.FAIL, report.verdict(), report::text);
        assertEquals(kind, report.kind());
        assertTrue(report.text().contains(expected), report::text);
    }

    @Test
    void shouldKnowWhatTheFileHolds() throws IOException {
        RunReport report = run(
                "with-barrier",
                (kernel, counts) -> new Once(kernel, counts, on -> {
                    SplittableRandom random = new SplittableRandom(3);
                    FileAccess access = on.access();
                    for (int i = 0; i < 2_000; i++) {
                        boolean alive = switch (random.nextInt(8)) {
                            case 0 -> on.own().truncate(on.cpu(), on.user(), random);
                            case 1 -> on.own().punch(on.cpu(), on.user(), access, random);
                            case 2 -> on.own().remap(on.cpu(), on.user(), random);
                            case 3 -> on.own().sync(on.cpu(), on.user());
                            case 4 -> on.calls().mlock(on.cpu(), COPIES + random.nextInt(PAGES) * PAGE, 3L * PAGE) <= 0;
                            case 5 -> on.own().copy(on.cpu(), access, random);
                            default -> on.own().write(on.cpu(), access, random);
                        };
                        assertTrue(alive && on.own().readAll(on.cpu(), access, 0, PAGES));
                    }
                    for (int page = 0; page < PAGES; page++) {
                        on.own().readEveryByte(on.cpu(), access, page);
                    }
                }));
        assertEquals(Verdict.PASS, report.verdict(), report::text);
    }

    @Test
    void shouldNoticeWrongBytes() throws IOException {
        assertSays("stamp-error", "test: word 0x710000000080 holds 0x5, not 0x", on -> {
            on.own().write(on.cpu(), on.access(), 0);
            on.scribble(SHARED + 128, 5);
            on.own().readAll(on.cpu(), on.access(), 0, 1);
        });
        assertSays("stamp-error", "word 0x710000001640 holds 0x6, not 0x0", on -> {
            on.own().write(on.cpu(), on.access(), 1);
            on.scribble(SHARED + PAGE + 0x640, 6);
            on.own().readAll(on.cpu(), on.access(), 1, 2);
            on.own().readEveryByte(on.cpu(), on.access(), 1);
        });
        assertSays("stamp-error", "word 0x7200000000c0 holds 0x7, not 0x", on -> {
            on.own().copy(on.cpu(), on.access(), 0);
            on.scribble(COPIES + 192, 7);
            on.own().readAll(on.cpu(), on.access(), 0, 1);
        });
        assertSays("stamp-error", "word 0x720000000080 holds 0x9, which the file has not held", on -> {
            // Copies the page, unnoticed.
            assertEquals(0, on.calls().mlock(on.cpu(), COPIES, PAGE));
            on.scribble(COPIES + 128, 9);
            on.own().readAll(on.cpu(), on.access(), 0, 1);
        });
    }

    @Test
    void shouldNoticeWrongEnds() throws IOException {
        assertSays("access-error", "no SIGBUS, though beyond the end of the file", on -> {
            on.own().truncate(on.cpu(), on.user(), new SplittableRandom(1));
            on.kernel().truncate().ftruncate(on.cpu(), on.file(), (long) PAGES * PAGE);
            on.own().readAll(on.cpu(), on.access(), 0, PAGES);
        });
        assertSays("access-error", "SIGBUS inside of the file", on -> {
            on.kernel().truncate().ftruncate(on.cpu(), on.file(), 0);
            on.own().readAll(on.cpu(), on.access(), 0, 1);
        });
    }

    /** A child and its parent make accesses at the same time. */
    @Test
    void shouldNotTakeWhatAChildFindsForItsParents() throws IOException {
        RunReport report = run(
                "with-barrier",
                (kernel, counts) -> new Once(kernel, counts, on -> {
                    FileAccess parents = on.access();
                    FileAccess childs = parents.forked();
                    assertEquals(0, on.kernel().truncate().ftruncate(on.cpu(), on.file(), PAGE));
                    assertTrue(parents.read(on.cpu(), SHARED + PAGE));
                    assertTrue(childs.read(on.cpu(), SHARED));
                    assertTrue(parents.raised() && !childs.raised());
                }));
        assertEquals(Verdict.PASS, report.verdict(), report::text);
    }

    @Test
    void shouldNoticeWhenMappingsOfTheCommonFileDisagree() throws IOException {
        assertSays("stamp-error", "where others see 0x", on -> {
            // Two of the values that anybody may write.
            SplittableRandom random = new SplittableRandom(2);
            for (int i = 0; i < 50; i++) {
                on.common().call(on.cpu(), on.user(), on.access(), random);
            }
            assertTrue(on.common().agree(on.cpu(), on.access()));
            for (int i = 0; i < 50; i++) {
                on.common().call(on.cpu(), on.user(), on.access(), random);
            }
            on.common().agree(on.cpu(), on.access());
        });
        assertSays("stamp-error", "which nobody wrote there", on -> {
            on.kernel().userAccess().store64(on.cpu(), Processes.currentMm(on.cpu()), CommonFile.at(true, 0) + 128, 3);
            on.common().agree(on.cpu(), on.access());
        });
    }
}
