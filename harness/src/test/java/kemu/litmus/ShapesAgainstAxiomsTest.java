package kemu.litmus;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import kemu.hw.cache.MemoryModel;
import kemu.hw.litmus.LitmusTable;
import kemu.hw.litmus.LitmusText;
import kemu.litmus.axiom.Search;
import kemu.litmus.parse.LitmusParser;
import org.junit.jupiter.api.Test;

/** What the emulated CPUs show, and what their table says of the Linux kernel memory model, against the axioms. */
final class ShapesAgainstAxiomsTest {
    private static boolean allows(Model model, LitmusTable.Row row) {
        Search search = new Search(model, Search.DEFAULT_LIMIT, Search.DEFAULT_UNROLL);
        String text = LitmusText.of(row.litmus());
        return search.run(LitmusParser.parse(row.litmus().name(), text)).positive() > 0;
    }

    @Test
    void shouldAgreeWithTheAxiomsOnEveryShape() {
        List<String> wrong = new ArrayList<>();
        for (LitmusTable.Row row : LitmusTable.rows()) {
            String name = row.litmus().name();
            if (allows(Model.LKMM, row) != row.allowed()) {
                wrong.add(name + ": lkmm");
            }
            if (allows(Model.SC, row) != row.shownBy().contains(MemoryModel.SC)) {
                wrong.add(name + ": sc");
            }
            // On x86 a failed LOCK CMPXCHG is still a fence; the axioms keep to the kernel's promise, which is none.
            boolean fenced = name.equals("SB+failed-cas");
            if (!fenced && allows(Model.TSO, row) != row.shownBy().contains(MemoryModel.TSO)) {
                wrong.add(name + ": tso");
            }
        }
        assertEquals(List.of(), wrong);
    }
}
