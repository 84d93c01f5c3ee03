package kemu.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import kemu.cli.InProcess.Said;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cache.model.MemoryModelProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import plugin.example.OddModels;
import plugin.example.PartialStoreOrder;

/** A memory model of another author, in every verb that takes one. */
class PluggedModelTest {
    @TempDir
    private Path dir;

    private ClassLoader before;

    @BeforeEach
    void keep() {
        before = Thread.currentThread().getContextClassLoader();
    }

    @AfterEach
    void putBack() {
        Thread.currentThread().setContextClassLoader(before);
    }

    private Said with(Class<?> provider, String typed) throws IOException {
        Path plugin = dir.resolve(provider.getSimpleName());
        Path services = Files.createDirectories(plugin.resolve("META-INF/services"));
        Files.writeString(services.resolve(MemoryModelProvider.class.getName()), provider.getName());
        List<String> args = new ArrayList<>(List.of(typed.split(" ")));
        args.addAll(List.of("--plugin", plugin.toString()));
        return InProcess.execute(args.toArray(new String[0]));
    }

    @Test
    void shouldBeListedWithItsPluginOnly() throws IOException {
        assertFalse(InProcess.execute("list", "models").out().contains("pso"));
        Said listed = with(PartialStoreOrder.class, "list models");
        assertTrue(listed.out().contains("pso    a store buffer for each word, loads in order\n"), listed::toString);
        assertEquals(List.of("sc", "tso", "weak", "alpha", "pso"), MemoryModel.names());
    }

    /** A store that must be a release, and is none: what only a model that reorders stores shows. */
    @Test
    void shouldCheckAndReplay() throws IOException {
        String check = "check rcu-publish --weaken rcu.ASSIGN_POINTER:release --executions 20000 --out " + dir + "/out";
        Said found = with(PartialStoreOrder.class, check + " --model pso");
        assertEquals(1, found.code(), found::toString);
        assertTrue(found.out().contains(" model=pso search=random verdict=FAIL "), found::toString);
        assertTrue(found.out().contains(" kind=half-made "), found::toString);
        assertTrue(found.out().matches("(?s).*replay: .* --plugin .*PartialStoreOrder.*"), found::toString);
        Said again = with(PartialStoreOrder.class, "replay " + dir + "/out/schedule.kemu");
        assertTrue(again.code() == 1 && again.out().contains("same=true"), again::toString);
        Thread.currentThread().setContextClassLoader(before);
        Said alone = InProcess.execute("replay", dir + "/out/schedule.kemu");
        assertEquals(2, alone.code(), alone::toString);
        assertTrue(alone.err().contains("model: pso (allowed: sc, tso, weak, alpha)"), alone::toString);
    }

    /** An exhaustive search of a model that reorders stores is one within deviations, and says so. */
    @Test
    void shouldStayWithinDeviationsWhereNotAllCanBeCovered() throws IOException {
        Said within = with(PartialStoreOrder.class, "check rcu-publish --model pso --search exhaustive");
        assertEquals(0, within.code(), within::toString);
        assertTrue(within.out().contains(" model=pso search=exhaustive verdict=PASS "), within::toString);
    }

    @Test
    void shouldJudgeEveryCellOfAScenarioByWhatTheModelSays() throws IOException {
        String all = "check all --anon-vma root-recheck --variant split-atomic-without-barrier --executions 1000"
                + " --budget 20s --model pso --out " + dir + "/out";
        Said ran = with(PartialStoreOrder.class, all);
        assertTrue(ran.out().contains(" differ=0 ") && ran.out().contains(" broken=0 "), ran::toString);
    }

    @Test
    void shouldMeetEveryStateOfLitmusTests() throws IOException {
        Said late = with(PartialStoreOrder.class, "litmus corpus:classic/MP+po+rmb --model pso");
        assertEquals(0, late.code(), late::toString);
        assertTrue(late.out().contains("Observation MP+po+rmb Sometimes"), late::toString);
        assertTrue(
                late.out().contains("(exhaustive)") && late.out().contains("engine=kernel model=pso"), late::toString);
        Said both = with(PartialStoreOrder.class, "litmus corpus:classic/MP+wmb+po --model tso,lkmm,pso --trace");
        assertEquals(0, both.code(), both::toString);
        assertTrue(both.out().contains("engine=interpreted model=tso,lkmm,pso"), both::toString);
        assertTrue(both.out().contains("the outcome is in no state of pso"), both::toString);
        Said told = with(PartialStoreOrder.class, "litmus corpus:shapes/MP+rmb+rmb --model pso --trace");
        assertTrue(told.out().contains("the shortest way to the outcome on pso, 8 steps"), told::toString);
        assertTrue(told.out().contains("the store y=1 leaves the buffer"), told::toString);
        Said kernel = with(
                PartialStoreOrder.class,
                "litmus corpus:classic/SB+mb+mb --model pso --engine kernel --search random --executions 200");
        assertEquals(0, kernel.code(), kernel::toString);
        assertTrue(kernel.out().contains("Observation SB+mb+mb Never 0 200"), kernel::toString);
        Said all = with(PartialStoreOrder.class, "litmus corpus:classic/CoRR --model all");
        assertTrue(all.out().contains("model=sc,tso,weak,lkmm,lkmm-6.1,pso verdict=PASS"), all::toString);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Taken|kemu: plugin: model name 'tso' is taken",
                "Word|kemu: plugin: model name 'lkmm' is taken",
                "Empty|kemu: plugin: model pso: storeEntries: 0 (allowed: 1..16)",
                "Throws|kemu: plugin model fails: UnsupportedOperationException: no name yet"
            })
    void shouldSayInOneLineWhatCannotBeUsed(String which, String told) throws Exception {
        Class<?> provider = Class.forName(OddModels.class.getName() + "$" + which);
        Said refused = with(provider, "list models");
        assertEquals(2, refused.code(), refused::toString);
        assertTrue(refused.err().startsWith(told), refused::toString);
        assertEquals(1, refused.err().lines().count(), refused::toString);
    }

    @Test
    void shouldNameTheModelsThereAreWhenNoneIsCalledThat() throws IOException {
        Said unknown = with(PartialStoreOrder.class, "check rcu-publish --model psu");
        assertEquals(2, unknown.code(), unknown::toString);
        assertEquals("kemu: --model: 'psu' (did you mean 'pso'? allowed: sc, tso, weak, alpha, pso)\n", unknown.err());
        Said litmus = with(PartialStoreOrder.class, "litmus corpus:classic/CoRR --model alpha");
        assertTrue(litmus.err().endsWith("(allowed: sc, tso, weak, lkmm, lkmm-6.1, pso, all)\n"), litmus::toString);
    }
}
