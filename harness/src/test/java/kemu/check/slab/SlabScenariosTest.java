package kemu.check.slab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kemu.check.Check;
import kemu.check.Expected;
import kemu.check.Scenario;
import kemu.check.Subject;
import kemu.hw.cache.MemoryModel;
import kemu.hw.sched.Result;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SlabScenariosTest {
    private static final long ENOUGH = 1_000;

    @ParameterizedTest
    @CsvSource({
        "slab-same-life, pin-verify, ",
        "slab-same-life, pin-only, acts on another connection",
        "slab-verify-first, pin-then-verify, ",
        "slab-verify-first, verify-then-pin, acts on another connection",
        "slab-page-recycle, typesafe, ",
        "slab-page-recycle, no-typesafe, type confusion",
        "slab-norcu-reader, in-reader, ",
        "slab-norcu-reader, outside, type confusion",
        "slab-zalloc, ctor-once, ",
        "slab-zalloc, zero-on-alloc, ->lock",
        "slab-zalloc, ctor-on-alloc, ->lock",
        "slab-destroy, rcu-barrier, ",
        "slab-destroy, synchronize-rcu, rcu_free_slab of a cache that is destroyed",
        "slab-destroy, nothing, rcu_free_slab of a cache that is destroyed",
        "slab-objrcu, object-rcu, ",
        "slab-objrcu, fast, anon_vma",
        "slab-quarantine, fast, anon_vma",
        "slab-quarantine, delayed, ",
    })
    void shouldFindWhatIsExpectedWhenEveryInterleavingIsCovered(String scenario, String variant, String complaint) {
        cover(scenario, variant, complaint, MemoryModel.SC);
        cover(scenario, variant, complaint, MemoryModel.TSO);
    }

    private static void cover(String scenario, String variant, String complaint, MemoryModel model) {
        try (Check check = new Check(Subject.of(scenario, variant, model))) {
            Result result = check.explore("exhaustive", 1, ENOUGH, () -> 1);
            assertEquals(Expected.of(scenario, variant), result.verdict(), String.valueOf(result.failure()));
            if (complaint != null) {
                String message = result.failure().getMessage();
                assertTrue(message.contains(complaint), message);
            }
        }
    }

    @Test
    void shouldSayThatQuarantineHidesTheHang() {
        assertTrue(Expected.coverageLoss("slab-quarantine", "delayed").contains("false safe"));
        assertNull(Expected.coverageLoss("slab-quarantine", "fast"));
    }

    @Test
    void shouldListEveryVariantWithItsExpectedVerdict() {
        for (Scenario scenario : SlabScenarios.ALL) {
            long bad = scenario.variants().stream()
                    .filter(variant -> Expected.of(scenario.name(), variant) == Result.Verdict.FAIL)
                    .count();
            assertTrue(bad > 0 && bad < scenario.variants().size(), scenario.name());
        }
    }
}
