package kemu.litmus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import kemu.litmus.ast.LitmusTest;
import kemu.litmus.axiom.Search;
import kemu.litmus.axiom.Why;
import kemu.litmus.corpus.BuiltIn;
import kemu.litmus.corpus.Cycles;
import kemu.litmus.parse.LitmusParser;
import kemu.litmus.trace.Tracer;
import org.junit.jupiter.api.Test;

/** What cannot be is explained by a cycle that closes, under every model; what can be is not explained away. */
final class WhyTest {
    private static final long LIMIT = Search.DEFAULT_LIMIT;
    private static final int UNROLL = Search.DEFAULT_UNROLL;

    private static String relations(Model model, String text) {
        Why why = new Search(model, LIMIT, UNROLL).why(LitmusParser.parse("test", text));
        return why.axiom() + ": "
                + why.steps().stream().map(Why.Step::name).sorted().collect(Collectors.joining(" "));
    }

    /** Tests of the corpus that ask for a value that nobody can write, so there is no cycle to tell. */
    private static final Set<String> NEVER_WRITTEN = Set.of("REMAP+inc-keep+map-count");

    /** Problems of the explanation of {@code test}. */
    private static List<String> check(LitmusTest test, Model model) {
        Search search = new Search(model, LIMIT, UNROLL);
        LitmusOutcome outcome = search.run(test);
        Why why = search.why(test);
        List<String> wrong = new ArrayList<>();
        String name = test.name() + " " + model.label() + ": ";
        long shown = test.quantifier().equals("forall") ? outcome.negative() : outcome.positive();
        if (!outcome.flags().contains("out-of-thin-air") && why.notForbidden() != shown) {
            wrong.add(name + why.notForbidden() + " executions are not forbidden, but " + shown + " are shown");
        }
        boolean explained = why.axiom() != null;
        if (shown == 0 && explained == NEVER_WRITTEN.contains(test.name())) {
            wrong.add(name + (explained ? "explained by a cycle" : "not explained"));
        }
        List<Why.Step> steps = why.steps();
        for (int i = 0; i < steps.size(); i++) {
            if (!steps.get(i).to().equals(steps.get((i + 1) % steps.size()).from())) {
                wrong.add(name + "no cycle: " + steps);
            }
        }
        return wrong;
    }

    @Test
    void shouldExplainWhatTheCorpusForbidsByCyclesThatClose() throws Exception {
        List<String> wrong = new ArrayList<>();
        for (Path file : BuiltIn.find(Path.of(BuiltIn.PREFIX))) {
            LitmusTest test = LitmusParser.parse(file);
            for (Model model : Model.withAxioms()) {
                if (model != Model.LKMM_6_1 || !test.source().contains("after_srcu")) {
                    wrong.addAll(check(test, model));
                }
            }
        }
        assertEquals(List.of(), wrong);
    }

    @Test
    void shouldForbidExactlyWhatTheModelsForbidWhenCyclesAreGenerated() {
        List<String> wrong = new ArrayList<>();
        int[] count = new int[1];
        Cycles.generate(40, (name, text) -> {
            if (count[0]++ % 3 == 0) {
                LitmusTest test = LitmusParser.parse(name, text);
                for (Model model : Model.withAxioms()) {
                    wrong.addAll(check(test, model));
                }
            }
        });
        assertTrue(count[0] > 300);
        assertEquals(List.of(), wrong);
    }

    @Test
    void shouldNameTheRelationsOfTheCycle() {
        String mp = Litmus.two(
                "WRITE_ONCE(*x, 1); smp_wmb(); WRITE_ONCE(*y, 1);",
                "int r0 = READ_ONCE(*y); smp_rmb(); int r1 = READ_ONCE(*x);",
                "exists (1:r0=1 /\\ 1:r1=0)");
        assertEquals("happens-before: fre rfe rmb wmb", relations(Model.LKMM, mp));
        assertEquals("sequential consistency: fr rf rmb wmb", relations(Model.SC, mp));
        String carried = Litmus.two(
                "WRITE_ONCE(*x, 5); smp_wmb(); WRITE_ONCE(*y, 1);",
                "int r0 = READ_ONCE(*y); *z = r0 + 1; WRITE_ONCE(*x, *z);",
                "exists (1:r0=1 /\\ x=5)");
        assertEquals("happens-before: coe data data rfe rfi wmb", relations(Model.LKMM, carried));
        assertEquals("null: ", relations(Model.LKMM_6_1, carried));
        String plain = Litmus.two(
                "*x = 1; smp_store_release(y, 1);",
                "int r0 = smp_load_acquire(y); int r1 = *x;",
                "exists (1:r0=1 /\\ 1:r1=0)");
        assertEquals("plain-coherence: fr wr-vis", relations(Model.LKMM, plain));
        String same = Litmus.two(
                "WRITE_ONCE(*x, 1);", "int r0 = READ_ONCE(*x); int r1 = READ_ONCE(*x);", "exists (1:r0=1 /\\ 1:r1=0)");
        assertEquals("coherence: fr po-loc rf", relations(Model.WEAK, same));
        String values = Litmus.two("WRITE_ONCE(*x, 1);", "int r0 = READ_ONCE(*x);", "exists (1:r0=7)");
        assertEquals("null: ", relations(Model.LKMM, values));
    }

    @Test
    void shouldTellTheCycleInTextAndOnThePage() throws Exception {
        LitmusTest test =
                LitmusParser.parse(BuiltIn.find(Path.of("corpus:SB+mb+mb")).get(0));
        var telling = new Tracer(LIMIT, UNROLL).tell(test, List.of(Model.LKMM));
        String text = telling.text();
        assertTrue(text.contains("forbidden by propagation"), text);
        assertTrue(text.contains("P0 r0 = READ_ONCE(*y): reads y=0  --fre->  P1 WRITE_ONCE(*y, 1): writes y=1"), text);
        Path page = Files.createTempFile("why", ".html");
        try {
            telling.write(page);
            String html = Files.readString(page);
            assertTrue(html.contains("<b>fre</b>") && html.contains("<b>mb</b>"), html);
        } finally {
            Files.delete(page);
        }
    }
}
