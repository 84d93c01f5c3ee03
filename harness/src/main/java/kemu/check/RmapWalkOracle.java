package kemu.check;

import java.util.ArrayList;
import java.util.List;
import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.EmuCpu;
import kemu.hw.cpu.Event;
import kemu.hw.cpu.Witness;
import kemu.hw.machine.EmuMachine;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;
import kemu.hw.shadow.CallStack;
import kemu.mm.Kernel;
import kemu.mm.page.Page;
import org.agrona.collections.Long2LongCounterMap;

/**
 * Tells walks over the ptes of a page that must find every one from those that may miss one. It counts the migration
 * entries of each page; after the walk that takes them away none may be left, wherever it is: one that mremap has in
 * its hand counts. A walk of reclaim that leaves a page mapped costs time, and is told beside the verdict.
 */
final class RmapWalkOracle implements Oracle, Witness {
    private static final int MOST_FOUND = 8;

    private final List<KernelBug> found = new ArrayList<>();
    private final Long2LongCounterMap entries = new Long2LongCounterMap(0);
    private int mustFind;
    private int mayMiss;
    private int missed;

    @Override
    public void attach(EmuMachine machine, Kernel kernel) {
        machine.attach(this);
    }

    @Override
    public void begin() {
        found.clear();
        entries.clear();
        mustFind = 0;
        mayMiss = 0;
        missed = 0;
    }

    @Override
    public void told(EmuCpu cpu, int event, long object, long detail) {
        if (event == Event.MIGRATION_ENTRY) {
            entries.addAndGet(object, detail);
        } else if (event == Event.RMAP_WALKED) {
            walked(cpu, object, detail == Event.MUST_FIND);
        }
    }

    private void walked(EmuCpu cpu, long page, boolean must) {
        if (!must) {
            mayMiss++;
            missed += (int) cpu.peekAt(Page.MAPCOUNT.of(page), Integer.BYTES) >= 0 ? 1 : 0;
            return;
        }
        mustFind++;
        long left = entries.get(page);
        if (left != 0 && found.size() < MOST_FOUND) {
            found.add(new KernelBug(
                    FailureKind.RMAP_MISSED,
                    "BUG: rmap walk missed a pte: " + left + " migration entries of page 0x" + Long.toHexString(page)
                            + " are left after the walk that had to find all, on cpu " + cpu.id() + "\nCall trace:\n"
                            + CallStack.here()));
        }
    }

    @Override
    public void finished(Cpu cpu) {
        Findings.fail(found);
    }

    @Override
    public List<String> notes() {
        List<String> lines = new ArrayList<>(Findings.lines(found));
        if (mustFind != 0 && (missed != 0 || !found.isEmpty())) {
            lines.add("rmap walks: " + mustFind + " had to find every pte, " + found.size() + " missed one; " + mayMiss
                    + " might miss one, " + missed + " did");
        }
        return lines;
    }
}
