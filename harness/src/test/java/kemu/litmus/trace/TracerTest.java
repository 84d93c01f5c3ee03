package kemu.litmus.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import kemu.hw.cache.MemoryModel;
import kemu.litmus.Model;
import kemu.litmus.ast.LitmusTest;
import kemu.litmus.axiom.Search;
import kemu.litmus.kernel.KernelEngine;
import kemu.litmus.parse.LitmusParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TracerTest {
    private static final Tracer TRACER = new Tracer(Search.DEFAULT_LIMIT, Search.DEFAULT_UNROLL);

    private static final String SB = """
            C SB
            {}
            P0(int *x, int *y) { WRITE_ONCE(*x, 1); %s; int r0 = READ_ONCE(*y); }
            P1(int *x, int *y) { WRITE_ONCE(*y, 1); %s; int r0 = READ_ONCE(*x); }
            exists (0:r0=0 /\\ 1:r0=0)
            """;

    private static LitmusTest parse(String source) {
        return LitmusParser.parse("test", source);
    }

    private static String tell(String source, Model model) {
        return TRACER.tell(parse(source), List.of(model)).text();
    }

    @Test
    void shouldShowBufferedStoresWhenTsoDelaysThem() {
        String text = tell(SB.formatted("barrier()", "barrier()"), Model.TSO);
        assertTrue(text.contains("the shortest way to the outcome on tso"), text);
        assertTrue(text.contains("P0 stores x=1; P1 stores y=1; | x=0 y=0"), text);
        assertTrue(text.contains("the store y=1 leaves the buffer"), text);
        assertTrue(text.contains("at the end: 0:r0=0; 1:r0=0;"), text);
    }

    @Test
    void shouldSaySoWhenTheOutcomeIsNotReachable() {
        String sc = tell(SB.formatted("barrier()", "barrier()"), Model.SC);
        assertTrue(sc.startsWith("Trace SB: the outcome is not reachable on sc, because every execution"), sc);
        String tso = tell(SB.formatted("smp_mb()", "smp_mb()"), Model.TSO);
        assertTrue(tso.startsWith("Trace SB: the outcome is not reachable on tso, because every execution"), tso);
        assertTrue(tso.contains("--mb->") && tso.contains("--fr->"), tso);
    }

    @Test
    void shouldSaySoWhenTheLimitIsReached() {
        Tracer hasty = new Tracer(1, Search.DEFAULT_UNROLL);
        String text = hasty.tell(parse(SB.formatted("smp_mb()", "smp_mb()")), List.of(Model.LKMM))
                .text();
        assertTrue(text.contains("was not found on lkmm within the limit"), text);
    }

    @Test
    void shouldShowAnOldValueWhenWeakDelaysTheInvalidation() {
        String text = tell("""
                C MP
                {}
                P0(int *x, int *y) { WRITE_ONCE(*x, 1); smp_wmb(); WRITE_ONCE(*y, 1); }
                P1(int *x, int *y) { int r0 = READ_ONCE(*y); int r1 = READ_ONCE(*x); }
                exists (1:r0=1 /\\ 1:r1=0)
                """, Model.WEAK);
        assertTrue(text.contains("the invalidation of y arrives"), text);
        assertTrue(text.contains("reads 0, an old value"), text);
    }

    @Test
    void shouldTellTheOrderOfEventsWhenBuffersAloneCannotShowIt() {
        String lb = """
                C LB
                {}
                P0(int *x, int *y) { int r0 = READ_ONCE(*x); WRITE_ONCE(*y, 1); }
                P1(int *x, int *y) { int r0 = READ_ONCE(*y); WRITE_ONCE(*x, 1); }
                exists (0:r0=1 /\\ 1:r0=1)
                """;
        String text = tell(lb, Model.WEAK);
        assertTrue(text.contains("store buffers and invalidate queues alone do not show the outcome"), text);
        assertTrue(tell(lb, Model.LKMM).contains("writes y=1, ahead of what stands before it"), text);
    }

    @Test
    void shouldTellTheOrderOfEventsWhenAGracePeriodRuns() {
        String text = tell("""
                C MP-rcu
                {}
                P0(int *x, int *y) { WRITE_ONCE(*x, 1); synchronize_rcu(); WRITE_ONCE(*y, 1); }
                P1(int *x, int *y) { rcu_read_lock();
                  int r0 = READ_ONCE(*x); int r1 = READ_ONCE(*y); rcu_read_unlock(); }
                exists (1:r0=1 /\\ 1:r1=1)
                """, Model.TSO);
        assertTrue(text.contains("see --engine kernel"), text);
        assertTrue(text.contains("reads x=1 (from P0)"), text);
        assertTrue(text.indexOf("writes x=1") < text.indexOf("sync rcu"), text);
    }

    @Test
    void shouldTellTheOrderOfEventsWhenGracePeriodsAreStrongerThanTheModel() {
        String text = tell("""
                C R-gp
                {}
                P0(int *x, int *y) { WRITE_ONCE(*x, 1); synchronize_rcu(); WRITE_ONCE(*y, 1); }
                P1(int *x, int *y) { WRITE_ONCE(*y, 2); int r0 = READ_ONCE(*x); }
                exists (y=2 /\\ 1:r0=0)
                """, Model.TSO);
        assertTrue(text.contains("tso allows it in this order of events"), text);
    }

    @Test
    void shouldDrawAnArrowWhenAReadGetsItsValueFromAnotherProcess(@TempDir Path dir) throws IOException {
        String mp = """
                C MP
                {}
                P0(int *x, int *y) { WRITE_ONCE(*x, 1); WRITE_ONCE(*y, 1); }
                P1(int *x, int *y) { int r0 = READ_ONCE(*y); int r1 = READ_ONCE(*x); }
                exists (1:r0=1 /\\ 1:r1=%d)
                """;
        for (Model model : List.of(Model.WEAK, Model.LKMM)) {
            for (int seen = 0; seen < 2; seen++) {
                Path file = dir.resolve("MP.html");
                TRACER.tell(parse(mp.formatted(seen)), List.of(model)).write(file);
                String page = Files.readString(file);
                int arrows = page.split("marker-end", -1).length - 1;
                assertEquals(1 + seen, arrows, model + " " + seen + "\n" + page);
            }
        }
    }

    @Test
    void shouldTellACounterexampleWhenTheTestSaysForall() {
        String text = tell(SB.formatted("barrier()", "barrier()").replace("exists", "forall"), Model.SC);
        assertTrue(text.contains("the shortest way to a state that breaks it on sc"), text);
    }

    @Test
    void shouldPassLocksOnAndFollowPointersWhenTraced() {
        String text = tell("""
                C lock
                { int *p = &x; }
                P0(int *x, int *y, int **p, spinlock_t *l) { spin_lock(l); WRITE_ONCE(*p, y); spin_unlock(l); }
                P1(int **p, spinlock_t *l, int *y) { spin_lock(l); int *r0 = READ_ONCE(*p); *r0 = 7; spin_unlock(l); }
                exists (1:r0=y /\\ y=7)
                """, Model.WEAK);
        assertTrue(text.contains("at the end: 1:r0=y; [y]=7;"), text);
    }

    @Test
    void shouldWriteAPageThatNeedsNoNetwork(@TempDir Path dir) throws IOException {
        Path file = dir.resolve("SB.html");
        TRACER.tell(parse(SB.formatted("barrier()", "barrier()")), Model.withAxioms())
                .write(file);
        String page = Files.readString(file);
        assertTrue(page.contains("<span class=\"s\">x=1</span>"), page);
        assertTrue(page.contains("<svg "), page);
        assertFalse(page.contains("http"), page);
        assertFalse(page.contains("<script"), page);
    }

    private static KernelEngine kernel(Model model) {
        return new KernelEngine(new KernelEngine.Options(
                MemoryModel.byName(model.label()),
                KernelEngine.Kind.EXHAUSTIVE,
                0,
                1,
                Search.DEFAULT_UNROLL,
                "ticket",
                "sched",
                List.of(),
                Search.DEFAULT_LIMIT));
    }

    private static String execute(String source, Model model) {
        return new Tracer(TracerTest::kernel)
                .tell(parse(source), List.of(model))
                .text();
    }

    @Test
    void shouldTellTheEnginesOwnExecutionWhenTheKernelEngineJudged(@TempDir Path dir) throws IOException {
        String text = execute(SB.formatted("barrier()", "barrier()"), Model.TSO);
        assertTrue(text.matches("(?s)Trace SB: execution \\d+ on tso shows the outcome:.*"), text);
        assertTrue(text.contains("store buffer: x = 1"), text);
        assertTrue(text.contains("read y = 0") && text.contains("read x = 0"), text);
        assertTrue(text.contains("at the end: 0:r0=0; 1:r0=0;"), text);
        Path file = dir.resolve("SB.html");
        new Tracer(TracerTest::kernel)
                .tell(parse(SB.formatted("barrier()", "barrier()")), List.of(Model.TSO))
                .write(file);
        assertTrue(Files.readString(file).contains("<pre>"), Files.readString(file));
    }

    @Test
    void shouldSaySoWhenNoExecutionOfTheKernelEngineShowsIt() {
        String text = execute(SB.formatted("smp_mb()", "smp_mb()"), Model.TSO);
        assertTrue(text.matches("(?s)Trace SB: no execution of \\d+ on tso shows the outcome\\..*"), text);
    }

    @Test
    void shouldTellAGracePeriodWhenTheKernelEngineExecutesIt() {
        String text = execute("""
                C MP-rcu
                {}
                P0(int *x, int *y) { WRITE_ONCE(*x, 1); synchronize_rcu(); WRITE_ONCE(*y, 1); }
                P1(int *x, int *y) { rcu_read_lock();
                  int r0 = READ_ONCE(*x); int r1 = READ_ONCE(*y); rcu_read_unlock(); }
                exists (1:r0=1 /\\ 1:r1=1)
                """, Model.WEAK);
        assertTrue(text.contains("GpThread"), text);
        assertTrue(text.contains("read y = 1"), text);
    }
}
