package kemu.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import kemu.bench.WalkBench.Cell;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WalkBenchTest {
    private static Cell cell(String strategy, String anonVmas, int children, double mean) {
        return new Cell(strategy, anonVmas, children, children, 1, 3 * mean, mean, mean, mean, 2 * mean);
    }

    private static final List<Cell> CELLS = List.of(
            cell("a", "one", 10, 100),
            cell("a", "chains", 10, 120),
            cell("a", "one", 100, 900),
            cell("a", "chains", 100, 130),
            cell("a", "one", 1_000, 9_000),
            cell("a", "chains", 1_000, 125),
            cell("b", "one", 10, 100),
            cell("b", "chains", 10, 120));

    @Test
    void shouldSayFromHowManyChildrenChainsWalkFaster() {
        assertEquals(100, WalkBench.crossover(CELLS, "a"));
        assertEquals(0, WalkBench.crossover(CELLS, "b"));
        assertEquals(0, WalkBench.crossover(List.of(), "a"));
    }

    @Test
    void shouldDrawALineForEachStrategyAndFamily(@TempDir Path folder) throws IOException {
        WalkPage.write(folder.resolve("bench.html"), "walks", CELLS, "the <table>");
        String page = Files.readString(folder.resolve("bench.html"));
        assertEquals(4, page.split("<svg ", -1).length - 1);
        assertTrue(page.contains("the &lt;table&gt;"), page);
        assertFalse(page.contains("a picture is missing"), page);
    }

    @Test
    void shouldNameTheCommandOfACellWithPagesForSoManyChildren() {
        WalkBench bench = new WalkBench(new WalkBench.Plan(List.of("refcount"), List.of(100), 2), false);
        assertEquals(
                "run aim7 --cpus 2 --memory 512m --children 100 --pages 160 --anon-vmas one --anon-vma refcount"
                        + " --rounds 2",
                bench.command("refcount", "one", 100));
        assertEquals(4, bench.plan().runs());
    }
}
