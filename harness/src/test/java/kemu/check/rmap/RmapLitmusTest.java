package kemu.check.rmap;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import kemu.check.CorpusVerdicts;
import kemu.litmus.corpus.BuiltIn;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Question K4: is there a barrier missing in page_lock_anon_vma? The reader of {mapping, mapcount} against those who
 * map and unmap the page, by the axioms of each model. What happens without any reordering no barrier can rule out.
 */
class RmapLitmusTest {
    @ParameterizedTest
    @CsvSource({
        // A first mapping: a page that is mapped passes for unmapped, unless both sides are ordered.
        "MP+inc-map+map-count, Never, Never, Sometimes, Sometimes",
        "MP+inc-map+map-rmb-count, Never, Never, Never, Never",
        "MP+set-map+map-rmb-count, Never, Never, Sometimes, Sometimes",
        // 2.6.34: the mapping that is read is replaced before the count is looked at. The order of the kernel is wrong
        // for any barrier; turned round it needs one.
        "REMAP+inc-map+map-count, Sometimes, Sometimes, Sometimes, Sometimes",
        "REMAP+inc-map+map-rmb-count, Sometimes, Sometimes, Sometimes, Sometimes",
        "REMAP+map-inc+count-map, Never, Never, Sometimes, Sometimes",
        "REMAP+map-inc+count-rmb-map, Never, Never, Never, Never",
        // 2.6.36 keeps it.
        "REMAP+inc-keep+map-count, Never, Never, Never, Never",
        // What the mapping leads to is made by then.
        "MP+init-locks-map+map-addr, Never, Never, Never, Never",
        // And it is still of its type, if the page was seen mapped and the slab waits for readers.
        "RCU-MAPPED+dec-gp-free+map-count-touch, Never, Never, Never, Never",
        "RCU-MAPPED+dec-gp-free+map-touch, Sometimes, Sometimes, Sometimes, Sometimes",
        "RCU-MAPPED+dec-free+map-count-touch, Sometimes, Sometimes, Sometimes, Sometimes",
    })
    void shouldMisleadALookup(String name, String sc, String tso, String weak, String lkmm) throws IOException {
        CorpusVerdicts.assertObserved("rmap/" + name, sc, tso, weak, lkmm);
    }

    @Test
    void shouldCoverTheFolder() throws IOException {
        assertEquals(12, BuiltIn.find(Path.of("corpus:rmap")).size());
    }
}
