package kemu.soak;

import kemu.mm.page.VmStatItem;
import kemu.report.TimeSeries;
import kemu.soak.live.Look;

/** What a run looked like over time, for pictures, and the most memory it used. Reporter thread only. */
final class RunSeries {
    private static final double PAGES_PER_MIB = 256;

    private final TimeSeries series =
            new TimeSeries("time", "processes", "free", "anon", "file", "swap", "faults/1000", "pswpin", "pswpout");
    private long peakUsedPages;

    /** One more look. */
    void add(Look look) {
        peakUsedPages = Math.max(peakUsedPages, look.usedPages());
        series.add(
                look.elapsedMillis() / 1e3,
                look.processes(),
                look.freePages() / PAGES_PER_MIB,
                look.count(VmStatItem.NR_ANON_PAGES) / PAGES_PER_MIB,
                look.count(VmStatItem.NR_FILE_PAGES) / PAGES_PER_MIB,
                look.swapPages() / PAGES_PER_MIB,
                look.count(VmStatItem.PGFAULT) / 1e3,
                look.count(VmStatItem.PSWPIN),
                look.count(VmStatItem.PSWPOUT));
    }

    /** Most frames in use at any look. */
    long peakUsedPages() {
        return peakUsedPages;
    }

    /** All of it. */
    TimeSeries all() {
        return series;
    }
}
