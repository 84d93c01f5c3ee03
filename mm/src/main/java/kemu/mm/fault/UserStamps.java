package kemu.mm.fault;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.EmuCpu;
import kemu.hw.cpu.Event;
import kemu.hw.cpu.Witness;
import kemu.hw.machine.Area;
import kemu.hw.machine.EmuMachine;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;
import kemu.hw.mem.PhysMem;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.pgtable.PageTable;
import kemu.mm.pgtable.Pmd;
import kemu.mm.pgtable.Pte;
import kemu.mm.slab.SlabAllocator;
import kemu.mm.slab.SlabObjects;
import kemu.mm.vma.Mms;

/**
 * What processes wrote to their anonymous memory, and that they read it back: a word that one process has stored keeps
 * its value for that process and for the children it forks, whatever is shared, copied, swapped and freed around it.
 * Only what one task alone stores to and unmaps is followed; unmapping anything forgets the whole address space. What
 * is stored while a fork goes on is followed for the parent only.
 *
 * <p>An instrument: it changes nothing in emulated memory, reads it without steps, and keeps what it finds here.
 */
public final class UserStamps implements Witness {
    private static final int MOST_FOUND = 8;
    /** Words followed; more are not. */
    private static final int MOST_STAMPS = 4096;

    private static final int SHARED = -2;
    private static final int NOBODY = -1;

    private final EmuMachine machine;
    private final PageAllocator pages;
    private final SlabAllocator slabs;
    private final PageTable pageTable;
    private final Mms mms;
    private long[] spaces = new long[64];
    private long[] addresses = new long[64];
    private long[] values = new long[64];
    /** Numbers of the events that stored them. */
    private long[] times = new long[64];

    private int count;
    private long[][] kept = new long[3][0];
    /** Address spaces that tasks have stored to in this execution, and which task it was. */
    private final List<Long> owned = new ArrayList<>();

    private final List<Integer> owners = new ArrayList<>();
    /** Address spaces that are being copied, each followed by the number of the event that began it. */
    private final List<Long> forking = new ArrayList<>();

    private long time;

    private boolean racing;
    private boolean accessed;

    /** Per CPU, physical address and value of the access that is being told. */
    private final long[] words;

    private final long[] seen;
    private final List<KernelBug> found = new ArrayList<>();

    /** Watches the kernel of these services on {@code machine}. */
    public UserStamps(EmuMachine machine, PageAllocator pages, SlabAllocator slabs, PageTable pageTable, Mms mms) {
        this.pages = pages;
        this.slabs = slabs;
        this.pageTable = pageTable;
        this.mms = mms;
        this.machine = machine;
        words = new long[machine.cpus()];
        seen = new long[machine.cpus()];
        machine.attach(this);
    }

    /** Learns what is in anonymous memory now, and what {@link #begin} goes back to. Context: machine at rest. */
    public void scan() {
        Cpu cpu = machine.bootCpu();
        for (long mm : SlabObjects.of(machine, slabs, mms.mmCache(), true)) {
            long at = pageTable.nextPresent(cpu, mm, 0, PageTable.TASK_SIZE);
            while (at < PageTable.TASK_SIZE) {
                long base = at & -PageTable.PMD_SIZE;
                for (long page = base; page < base + PageTable.PMD_SIZE; page += PhysMem.PAGE_SIZE) {
                    scanPage(cpu, mm, page);
                }
                at = pageTable.nextPresent(cpu, mm, base + PageTable.PMD_SIZE, PageTable.TASK_SIZE);
            }
        }
        kept = new long[][] {Arrays.copyOf(spaces, count), Arrays.copyOf(addresses, count), Arrays.copyOf(values, count)
        };
    }

    private void scanPage(Cpu cpu, long mm, long address) {
        long frame = anonFrame(cpu, mm, address);
        for (int at = 0; frame != 0 && at < PhysMem.PAGE_SIZE; at += Long.BYTES) {
            long value = machine.memoryWord(frame + at);
            if (value != 0) {
                put(mm, address + at, value);
            }
        }
    }

    /** The frame of the anonymous page at {@code address}, 0 if there is none. */
    private long anonFrame(Cpu cpu, long mm, long address) {
        long pte = pageTable.find(cpu, mm, address);
        long pmd = pageTable.findHuge(cpu, mm, address);
        if (pmd != Cpu.NULL) {
            return Pte.frame(Pmd.pteAt(machine.memoryWord(pmd), address));
        }
        long value = pte == Cpu.NULL ? 0 : machine.memoryWord(pte);
        if (!Pte.present(value) || (value & Pte.SPECIAL) != 0) {
            return 0;
        }
        long frame = Pte.frame(value);
        long mapping = machine.memoryWord(Page.MAPPING.of(pages.pageOf(frame)));
        return (mapping & Page.MAPPING_ANON) != 0 ? frame : 0;
    }

    /** An execution begins: what was scanned is true again. */
    public void begin() {
        count = kept[0].length;
        System.arraycopy(kept[0], 0, spaces, 0, count);
        System.arraycopy(kept[1], 0, addresses, 0, count);
        System.arraycopy(kept[2], 0, values, 0, count);
        Arrays.fill(times, 0, count, 0);
        time = 0;
        racing = true;
        forking.clear();
        owned.clear();
        owners.clear();
        found.clear();
    }

    /** True if a task has accessed user memory in any execution so far. */
    public boolean accessed() {
        return accessed;
    }

    /** What was wrong in this execution, first come first. */
    public List<KernelBug> found() {
        return found;
    }

    @Override
    public void told(EmuCpu cpu, int event, long object, long detail) {
        switch (event) {
            case Event.USER_WORD -> {
                accessed |= racing;
                words[cpu.id()] = object;
                seen[cpu.id()] = detail;
            }
            case Event.USER_STORED -> stored(cpu, object, detail);
            case Event.USER_LOADED -> loaded(cpu, object, detail);
            case Event.MM_FORKING -> forking(object);
            case Event.MM_FORKED -> forked(object, detail);
            case Event.MM_CHANGED -> changed(object, pidOn(cpu));
            default -> {}
        }
    }

    private static int pidOn(EmuCpu cpu) {
        return cpu.peek32(Area.CURRENT_PID.of(cpu.area()));
    }

    private int ownerOf(long mm) {
        int at = owned.indexOf(mm);
        return at < 0 ? NOBODY : owners.get(at);
    }

    private void own(long mm, int pid) {
        int at = owned.indexOf(mm);
        if (at < 0) {
            owned.add(mm);
            owners.add(pid);
        } else {
            owners.set(at, pid);
        }
    }

    /** The task called {@code pid} stores to {@code mm} or unmaps memory there; true if it alone does. */
    private boolean alone(long mm, int pid) {
        int owner = ownerOf(mm);
        boolean alone = owner == NOBODY || owner == pid;
        if (!alone) {
            forget(mm);
        }
        own(mm, alone ? pid : SHARED);
        return alone;
    }

    /** From now on and until the call returns memory of {@code mm} goes: whoever stores to it meanwhile may lose it. */
    private void changed(long mm, int pid) {
        forget(mm);
        alone(mm, pid);
    }

    private void stored(EmuCpu cpu, long mm, long address) {
        if (!alone(mm, pidOn(cpu))) {
            return;
        }
        long page = pages.pageOf(words[cpu.id()]);
        if ((cpu.peekAt(Page.MAPPING.of(page), 8) & Page.MAPPING_ANON) != 0) {
            put(mm, address, seen[cpu.id()]);
        } else {
            remove(mm, address);
        }
    }

    private void loaded(EmuCpu cpu, long mm, long address) {
        int owner = ownerOf(mm);
        int at = find(mm, address);
        if (at >= 0 && (owner == NOBODY || owner == pidOn(cpu)) && values[at] != seen[cpu.id()]) {
            report(mm, address, values[at], "reads 0x" + Long.toHexString(seen[cpu.id()]));
        }
    }

    private void forking(long parent) {
        forgetFork(parent);
        forking.add(parent);
        forking.add(++time);
    }

    private void forgetFork(long parent) {
        for (int i = 0; i < forking.size(); i += 2) {
            if (forking.get(i) == parent) {
                forking.remove(i);
                forking.remove(i);
                return;
            }
        }
    }

    private void forked(long parent, long child) {
        forget(child);
        int begun = forking.indexOf(parent);
        int stamps = count;
        for (int i = 0; i < stamps; i++) {
            if (spaces[i] == parent && ownerOf(parent) != SHARED && times[i] < forking.get(begun + 1)) {
                put(child, addresses[i], values[i]);
            }
        }
        forgetFork(parent);
    }

    /** All tasks have ended: what is still mapped must hold what was stored. Context: machine at rest. */
    public void ended(Cpu cpu) {
        racing = false;
        for (int i = 0; i < count; i++) {
            long frame = anonFrame(cpu, spaces[i], addresses[i] & -PhysMem.PAGE_SIZE);
            if (frame != 0) {
                long value = machine.memoryWord(frame + (addresses[i] & PhysMem.PAGE_SIZE - 1));
                if (value != values[i]) {
                    report(spaces[i], addresses[i], values[i], "holds 0x" + Long.toHexString(value));
                }
            }
        }
    }

    private int find(long mm, long address) {
        for (int i = 0; i < count; i++) {
            if (spaces[i] == mm && addresses[i] == address) {
                return i;
            }
        }
        return -1;
    }

    private void put(long mm, long address, long value) {
        int at = find(mm, address);
        if (at < 0) {
            if (count == MOST_STAMPS) {
                return;
            }
            if (count == spaces.length) {
                spaces = Arrays.copyOf(spaces, 2 * count);
                addresses = Arrays.copyOf(addresses, 2 * count);
                values = Arrays.copyOf(values, 2 * count);
                times = Arrays.copyOf(times, 2 * count);
            }
            at = count++;
            spaces[at] = mm;
            addresses[at] = address;
        }
        values[at] = value;
        times[at] = ++time;
    }

    private void remove(long mm, long address) {
        int at = find(mm, address);
        if (at >= 0) {
            removeAt(at);
        }
    }

    private void removeAt(int at) {
        count--;
        spaces[at] = spaces[count];
        addresses[at] = addresses[count];
        values[at] = values[count];
        times[at] = times[count];
    }

    private void forget(long mm) {
        for (int i = count - 1; i >= 0; i--) {
            if (spaces[i] == mm) {
                removeAt(i);
            }
        }
    }

    private void report(long mm, long address, long stored, String what) {
        if (found.size() < MOST_FOUND) {
            found.add(new KernelBug(
                    FailureKind.USER_MEMORY,
                    "BUG: user memory of mm 0x" + Long.toHexString(mm) + " at 0x"
                            + Long.toHexString(address) + " " + what + " where 0x" + Long.toHexString(stored)
                            + " was stored"));
        }
    }
}
