package kemu.hw.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class HostSharesTest {
    private static final int CPUS = 4;
    private static final int PROCESSORS = 2;
    private static final long TICK = 1_000_000_000L / MachineConfig.HZ;
    private static final long LIMIT = 1000;

    private final long[] used = new long[CPUS];
    private final boolean[] runnable = {true, true, true, true};
    private long now = 1;
    private final HostShares shares = new HostShares(CPUS, PROCESSORS, i -> used[i], i -> runnable[i], () -> now);

    /** {@code ticks} pass, in which CPU i gets {@code percents[i]} of a processor. */
    private void pass(int ticks, int... percents) {
        for (int tick = 0; tick < ticks; tick += HostShares.TICKS_EACH) {
            shares.sample();
            now += HostShares.TICKS_EACH * TICK;
            for (int i = 0; i < CPUS; i++) {
                used[i] += HostShares.TICKS_EACH * TICK * percents[i] / 100;
            }
        }
    }

    @Test
    void shouldAccuseNobodyWhenTheHostLetsACpuWait() {
        assertFalse(shares.starved(LIMIT), "no sample yet");
        pass(1500, 50, 50, 50, 50);
        assertFalse(shares.starved(LIMIT), "all have their share");
        pass(1500, 60, 60, 60, 0);
        assertTrue(shares.starved(LIMIT), "the last one waits for the host");
        runnable[3] = false;
        assertFalse(shares.starved(LIMIT), "it waits for work");
        runnable[3] = true;
        pass(1500, 7, 7, 7, 3);
        assertFalse(shares.starved(LIMIT), "a loaded host, but all run");
    }

    @Test
    void shouldLookBackAsFarAsAskedAndAsSamplesGo() {
        pass(1300, 0, 0, 0, 0);
        pass(10, 50, 50, 50, 50);
        assertFalse(shares.starved(5));
        assertTrue(shares.starved(1300));
        pass(20_000, 50, 50, 50, 50);
        assertFalse(shares.starved(30_000), "what is older than all samples is forgotten");
    }

    @Test
    void shouldCountTheTimeThatTheHostGave() {
        assertEquals(1, shares.given(LIMIT), "no sample yet");
        pass(1500, 50, 50, 50, 50);
        assertEquals(1, shares.given(LIMIT), 0.01, "all of the host");
        pass(1500, 5, 5, 5, 5);
        assertEquals(0.1, shares.given(LIMIT), 0.01, "a tenth of it");
        assertEquals(0.55, shares.given(3000), 0.02, "first all, then a tenth");
        Arrays.fill(runnable, false);
        pass(1500, 0, 0, 0, 0);
        assertEquals(1, shares.given(LIMIT), 0.02, "nobody wanted any");
        pass(1500, 1, 1, 1, 1);
        assertEquals(1, shares.given(LIMIT), 0.02, "ticks are served, nobody wants more: a hang is one at once");
        runnable[0] = true;
        pass(1500, 50, 0, 0, 0);
        assertEquals(0.5, shares.given(LIMIT), 0.01, "half of the one processor that could be used");
    }

    @Test
    void shouldNotGuessWhereTheHostDoesNotTell() {
        Arrays.fill(used, -1);
        pass(1500, 0, 0, 0, 0);
        assertFalse(shares.starved(LIMIT));
        assertEquals(1, shares.given(LIMIT));
    }
}
