package kemu.rcu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RcuTortureTest {
    @ParameterizedTest
    @CsvSource({
        "native, 1, 1, 60",
        "native, 3, 1, 60",
        "emu, 2, 20, 15",
        "emu, 3, 10, 15",
        "emu, 5, 2, 10",
        "tso, 2, 10, 15",
        "weak, 2, 20, 15",
        "weak, 3, 10, 15",
        "native+preempt, 1, 1, 60",
        "native+preempt, 3, 1, 60",
        "emu+preempt, 2, 6, 15",
        "emu+preempt, 5, 1, 10",
        "weak+preempt, 3, 3, 15"
    })
    void shouldNotFindObjectsTwoGracePeriodsOld(String kind, int cpus, int seeds, int rounds) {
        long live = 0;
        long removed = 0;
        for (int seed = 1; seed <= seeds; seed++) {
            try (RcuBench fresh = RcuBench.small(kind, cpus, seed)) {
                RcuTorture run = new RcuTorture(fresh, false);
                assertEquals(0, run.torture(rounds), "too short grace period, seed " + seed);
                live += fresh.boot().read64(run.pipe);
                removed += fresh.boot().read64(run.pipe + 8);
            }
        }
        assertTrue(live > 0, "readers never saw a live object");
        assertTrue(cpus == 1 || kind.equals("native") || removed > 0, "readers never saw a removed object");
    }

    /** rcu_busted. */
    @Test
    void shouldConvictFlavorWhoseCallbacksRunAtOnce() {
        long tooOld = 0;
        for (int seed = 1; seed <= 40; seed++) {
            try (RcuBench fresh = RcuBench.small("emu", 2, seed)) {
                tooOld += new RcuTorture(fresh, true).torture(15);
            }
        }
        assertTrue(tooOld > 0);
    }
}
