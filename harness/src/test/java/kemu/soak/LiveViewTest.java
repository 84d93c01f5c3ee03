package kemu.soak;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kemu.host.HostPauses;
import kemu.latency.Figures;
import kemu.locks.LockFigures;
import kemu.metrics.MetricsSource;
import kemu.mm.page.VmStatItem;
import kemu.soak.live.LockSamples;
import kemu.soak.live.Look;
import kemu.soak.live.Work;
import kemu.soak.trend.LeakTrends;
import kemu.workload.Counts;
import org.junit.jupiter.api.Test;

class LiveViewTest {
    private static Look look(long seconds) {
        Map<VmStatItem, Long> vmstat = new EnumMap<>(VmStatItem.class);
        for (VmStatItem item : VmStatItem.values()) {
            vmstat.put(item, 0L);
        }
        vmstat.put(VmStatItem.PGFAULT, 100 * seconds);
        return new Look(1_000 * seconds, seconds, 256, 768, 512, 12, 3, 4, 0, 0, vmstat, Map.of("anon_vma", 1L), 0);
    }

    private static final MetricsSource RUN = new MetricsSource() {
        @Override
        public Map<String, String> information() {
            return Map.of();
        }

        @Override
        public Look look() {
            return LiveViewTest.look(0);
        }

        @Override
        public Map<String, Long> work() {
            Map<String, Long> work = new HashMap<>(Work.of(new Counts()));
            work.put("forks", 7L);
            return work;
        }

        @Override
        public List<Figures> latencies() {
            return List.of(new Figures("fork", 70, 0.1, 20, 1_500, 2_000, 30_000, 40_000, 50_000));
        }

        @Override
        public List<LockFigures> measuredLocks() {
            return List.of();
        }

        @Override
        public LockSamples locks() {
            return null;
        }

        @Override
        public HostPauses.Totals pauses() {
            return new HostPauses.Totals(2, 1_250_000_000L, 2_000_000_000L);
        }
    };

    private static String shown(boolean terminal) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        LiveView view = new LiveView(out, "kbuild", RUN, new LeakTrends(), terminal);
        for (int second = 1; second <= 31; second++) {
            view.update(look(second), 0.5);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void shouldTellAllOfItEvery15Seconds() {
        String text = shown(false);
        assertEquals(
                2, text.lines().filter(line -> line.startsWith("kemu: kbuild ")).count(), text);
        for (String part : List.of(
                "kemu: kbuild 15s elapsed, 50 %, 15 processes",
                "100 faults, 0 forks",
                "1.0 MiB of 4:",
                "2.0 MiB in use",
                "oldest grace period 12 ms, 3 done, 4 callbacks wait",
                "not known before two rests",
                "2 pauses, longest 1.25 s",
                "  fork                           20       1.50      30.00        50.00")) {
            assertTrue(text.contains(part), () -> part + " in: " + text);
        }
        assertTrue(!text.contains("\033"), "no ANSI but on a terminal");
    }

    @Test
    void shouldStayInPlaceOnATerminal() {
        String text = shown(true);
        assertEquals(
                31, text.lines().filter(line -> line.contains("kemu: kbuild ")).count(), text);
        assertTrue(text.contains("\033[11A\033[J"), text);
    }
}
