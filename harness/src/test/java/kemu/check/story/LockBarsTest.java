package kemu.check.story;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import kemu.check.Check;
import kemu.check.scenario.Subject;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.EmuCpu;
import kemu.hw.cpu.Event;
import kemu.hw.cpu.Witness;
import kemu.hw.explore.Result;
import kemu.hw.explore.Schedule;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The bars of the picture are what the locks have said: a witness of the same execution pairs their events. */
class LockBarsTest {
    /** Takes down who takes and frees which lock, in order. */
    private static final class Clerk implements Witness {
        final List<String> pairs = new ArrayList<>();
        private final List<long[]> held = new ArrayList<>();

        @Override
        public void told(EmuCpu cpu, int event, long lock, long mode) {
            long kind = mode & ~(Event.TRY | Event.NEST | Event.subclass(-1));
            if (event == Event.LOCKED) {
                held.add(new long[] {lock, kind, cpu.id()});
            } else if (event == Event.UNLOCKING) {
                for (int i = held.size() - 1; i >= 0; i--) {
                    if (held.get(i)[0] == lock && held.get(i)[1] == kind && held.get(i)[2] == cpu.id()) {
                        held.remove(i);
                        pairs.add(cpu.id() + " 0x" + Long.toHexString(lock) + " freed");
                        return;
                    }
                }
            }
        }

        void begin() {
            pairs.clear();
            held.clear();
        }

        List<String> all() {
            List<String> all = new ArrayList<>(pairs);
            held.forEach(one -> all.add(one[2] + " 0x" + Long.toHexString(one[0]) + " left"));
            return all.stream().sorted().toList();
        }
    }

    @ParameterizedTest
    @CsvSource({"SC, ticket", "TSO, ticket", "SC, mcs", "SC, tas"})
    void shouldShowWhatLocksSay(MemoryModel model, String spinLock) {
        Subject subject = new Subject("rmap-hang-child", "root-reread", spinLock, model, List.of());
        try (Check check = new Check(subject)) {
            Clerk clerk = new Clerk();
            check.machine().attach(clerk);
            Result found = check.explore("random", 1, 100_000, () -> 1);
            Schedule schedule = check.schedule(found, 1);
            Story story = check.narrate(schedule, found);
            List<String> seen = new ArrayList<>();
            // The scenario's own end locks as well, after the last step.
            clerk.begin();
            check.replay(schedule);
            List<String> bars = LockSpan.of(story).stream()
                    .map(span ->
                            span.cpu() + " 0x" + Long.toHexString(span.address()) + (span.left() ? " left" : " freed"))
                    .sorted()
                    .toList();
            seen.addAll(clerk.all());
            for (String bar : bars) {
                assertTrue(seen.remove(bar), () -> bar + " is not in " + seen);
            }
            assertEquals(1, LockSpan.of(story).stream().filter(LockSpan::left).count(), "one lock is left");
            for (LockSpan span : LockSpan.of(story)) {
                assertTrue(span.from() <= span.to(), span::toString);
                if (!span.left()) {
                    Step freed = story.steps().get(span.to() - 1);
                    assertEquals(span.cpu(), freed.cpu(), span::toString);
                    assertTrue(freed.writes(), freed::toString);
                }
            }
            assertTrue(
                    LockSpan.of(story).stream()
                            .anyMatch(span -> span.lock().matches("page table lock of mm 0x\\w+, pfn 0x\\w+")),
                    () -> LockSpan.of(story).toString());
            assertTrue(LockSpan.of(story).stream().anyMatch(span -> span.lock().equals("zone->lock")));
        }
    }
}
