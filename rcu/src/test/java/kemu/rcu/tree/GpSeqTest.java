package kemu.rcu.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GpSeqTest {
    private static final int STEPS = 80;

    /** Numbers of a history of grace periods, each one step long, with idle steps in between. */
    private static long[] history(long from) {
        long[] seq = new long[STEPS];
        seq[0] = from;
        for (int i = 1; i < STEPS; i++) {
            boolean running = GpSeq.state(seq[i - 1]) != 0;
            if (running) {
                seq[i] = i % 3 == 0 ? seq[i - 1] : GpSeq.ended(seq[i - 1]);
            } else {
                seq[i] = i % 5 == 0 ? seq[i - 1] : GpSeq.started(seq[i - 1]);
            }
        }
        return seq;
    }

    private static boolean startsAt(long[] seq, int i) {
        return seq[i] != seq[i - 1] && GpSeq.state(seq[i]) != 0;
    }

    private static boolean endsAt(long[] seq, int i) {
        return seq[i] != seq[i - 1] && GpSeq.state(seq[i]) == 0;
    }

    @ParameterizedTest
    @ValueSource(longs = {0, GpSeq.INITIAL, -40, Long.MAX_VALUE - 43, 1L << 40})
    void shouldBeDoneExactlyWhenAWholeGracePeriodPassed(long from) {
        long[] seq = history(from & ~GpSeq.STATE_MASK);
        for (int at = 0; at < STEPS; at++) {
            long snap = GpSeq.snap(seq[at]);
            boolean started = false;
            boolean whole = false;
            for (int i = at; i < STEPS; i++) {
                if (i > at) {
                    whole |= started && endsAt(seq, i);
                    started |= startsAt(seq, i);
                }
                assertEquals(whole, GpSeq.done(seq[i], snap), "from " + at + " to " + i);
                assertEquals(started, GpSeq.hasStarted(seq[i], snap), "started from " + at + " to " + i);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -40, Long.MAX_VALUE - 43})
    void shouldTellEndsAndStartsBetweenTwoLooks(long from) {
        long[] seq = history(from & ~GpSeq.STATE_MASK);
        for (int at = 0; at < STEPS; at++) {
            boolean ended = false;
            boolean started = false;
            for (int i = at + 1; i < STEPS; i++) {
                ended |= endsAt(seq, i);
                started |= startsAt(seq, i);
                assertEquals(ended, GpSeq.endedBetween(seq[at], seq[i]));
                assertEquals(started, GpSeq.startedBetween(seq[at], seq[i]));
            }
        }
    }

    @Test
    void shouldOrderAcrossWrapAround() {
        assertTrue(GpSeq.before(-4, 4));
        assertFalse(GpSeq.before(4, -4));
        assertTrue(GpSeq.before(Long.MAX_VALUE, Long.MIN_VALUE));
        assertEquals(0, GpSeq.state(GpSeq.INITIAL));
    }
}
