package kemu.workload;

import java.util.function.LongPredicate;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.Area;
import kemu.hw.mem.PhysMem;
import kemu.kernel.task.Comms;
import kemu.kernel.task.Entry;
import kemu.kernel.task.Sched;
import kemu.mm.Kernel;
import kemu.mm.fault.Faults;
import kemu.mm.file.PageCache;
import kemu.mm.migrate.MemoryFailure;
import kemu.mm.pgtable.Pte;
import kemu.mm.process.Processes;

/**
 * Memory accesses of one user program, with the stamps that prove them. Word {@link #STAMP_WORD} of a page belongs to
 * the stamp; word 0 of a file page must hold what the file holds, also after a private copy was written.
 */
public final class UserProgram {
    /** Word of a page that holds the stamp. */
    public static final int STAMP_WORD = 2;
    /** Word of a page that a file fills with something else than zero, see {@link #replace}. */
    public static final int FILLED_WORD = 1;

    private static final int PAGE = PhysMem.PAGE_SIZE;
    private static final int STAMP_OFFSET = STAMP_WORD * 8;
    private static final int UNCHECKED_OFFSET = STAMP_OFFSET + 8;

    private final Kernel kernel;
    private final Counts counts;
    private long id;
    private StampTable stamps;
    private int generation;
    private boolean refused;
    private boolean foundZero;
    private boolean lost;

    /** A program whose stamps carry {@code id}, with {@code stamps} as what it expects in memory. */
    public UserProgram(Kernel kernel, Counts counts, long id, StampTable stamps) {
        this.kernel = kernel;
        this.counts = counts;
        this.id = id;
        this.stamps = stamps;
    }

    /** What it expects in memory. */
    public StampTable stamps() {
        return stamps;
    }

    /** From now on it is process {@code newId}, which expects the same. */
    void restart(long newId) {
        id = newId;
        generation = 0;
    }

    /** After exec: a new address space, in which {@code empty} has nothing written yet. */
    public void newAddressSpace(StampTable empty) {
        stamps = empty;
    }

    /** Stamps of different processes, pages or times differ: a 64-bit mix of all three. Never {@code UNWRITTEN}. */
    private long nextStamp(long address) {
        long mixed =
                (id << 32 | generation++ & 0xffff_ffffL) * 0x9e37_79b9_7f4a_7c15L ^ (address >>> PhysMem.PAGE_SHIFT);
        mixed = (mixed ^ mixed >>> 29) * 0xbf58_476d_1ce4_e5b9L;
        return mixed | 1;
    }

    /**
     * Writes a new stamp into the page at {@code address}. Where others may write the page at the same time (threads,
     * shared files) {@code own} is false: the value then goes to a word that nobody checks.
     */
    public boolean write(Cpu cpu, long address, boolean own) {
        serveInterrupts(cpu);
        long mm = Processes.currentMm(cpu);
        long stamp = nextStamp(address);
        int status = kernel.userAccess().store64(cpu, mm, address + (own ? STAMP_OFFSET : UNCHECKED_OFFSET), stamp);
        if (status < 0) {
            return failed(cpu, status, "write", address);
        }
        if (own) {
            stamps.written(address, stamp);
        }
        return true;
    }

    /**
     * Writes {@code value} to word {@link #FILLED_WORD} of the page at {@code address}, which must hold
     * {@code expected} until then. False if the program cannot go on.
     */
    public boolean replace(Cpu cpu, long address, long expected, long value) {
        serveInterrupts(cpu);
        long word = address + FILLED_WORD * 8;
        int status = kernel.userAccess().storeChecked(cpu, Processes.currentMm(cpu), word, expected, value);
        return judge(cpu, status, "write", address, expected, "contents before a write");
    }

    /** Checks what {@link #replace} wrote. */
    public boolean holds(Cpu cpu, long address, long value) {
        serveInterrupts(cpu);
        return expect(cpu, address, FILLED_WORD * 8, value, "contents");
    }

    /** {@link #holds} where the page may be zero again: {@link #foundZero}. */
    public boolean holdsOrZero(Cpu cpu, long address, long value) {
        serveInterrupts(cpu);
        int status = kernel.userAccess().load64(cpu, Processes.currentMm(cpu), address + FILLED_WORD * 8, value);
        foundZero = status >= 0 && kernel.userAccess().lastValue(cpu) == 0;
        return judge(cpu, foundZero ? 0 : status, "read", address, value, "contents");
    }

    /** True if the page of the last {@link #holdsOrZero} was zero. */
    public boolean foundZero() {
        return foundZero;
    }

    /** {@link #replace} where others may take away the right to write: {@link #refused}. */
    public boolean tryReplace(Cpu cpu, long address, long expected, long value) {
        serveInterrupts(cpu);
        long word = address + FILLED_WORD * 8;
        int status = kernel.userAccess().storeChecked(cpu, Processes.currentMm(cpu), word, expected, value);
        return tried(cpu, status, "write", address, expected, "contents before a write");
    }

    /** {@link #holds} where others may take away the right to read: {@link #refused}. */
    public boolean tryHolds(Cpu cpu, long address, long value) {
        serveInterrupts(cpu);
        int status = kernel.userAccess().load64(cpu, Processes.currentMm(cpu), address + FILLED_WORD * 8, value);
        return tried(cpu, status, "read", address, value, "contents");
    }

    /** True if the last access that was only tried was refused. */
    public boolean refused() {
        return refused;
    }

    private boolean tried(Cpu cpu, int status, String access, long address, long expected, String what) {
        refused = status == Faults.SIGSEGV;
        return refused ? !Processes.killed(cpu) : judge(cpu, status, access, address, expected, what);
    }

    /** An access that the mapping does not allow: it must be refused. False if the program cannot go on. */
    public boolean denied(Cpu cpu, long address, boolean write) {
        serveInterrupts(cpu);
        long mm = Processes.currentMm(cpu);
        long word = address + UNCHECKED_OFFSET;
        int status = write
                ? kernel.userAccess().store64(cpu, mm, word, 1)
                : kernel.userAccess().load64(cpu, mm, word, 0);
        if (status >= 0) {
            counts.accessErrors.increment();
            counts.error((write ? "write" : "read") + " of 0x" + Long.toHexString(address)
                    + " works though it is not allowed there, in process " + name(cpu));
        }
        return status >= 0 || status == Faults.SIGSEGV && !Processes.killed(cpu);
    }

    /** The call {@code what} returned {@code status}. False if the program cannot go on. */
    public boolean returned(Cpu cpu, String what, int status, int expected) {
        if (status != expected && !Processes.killed(cpu)) {
            counts.syscallErrors.increment();
            counts.error(what + " returns " + status + " instead of " + expected + " in process " + name(cpu));
        }
        return !Processes.killed(cpu);
    }

    /**
     * Reads word {@link #STAMP_WORD} of a page that others may unmap at any time; what is there must be
     * {@code allowed}. False if the program cannot go on.
     */
    public boolean tryRead(Cpu cpu, long address, LongPredicate allowed) {
        serveInterrupts(cpu);
        int status = kernel.userAccess().load64(cpu, Processes.currentMm(cpu), address + STAMP_OFFSET, 0);
        if (status > 0 && !allowed.test(kernel.userAccess().lastValue(cpu))) {
            counts.stampErrors.increment();
            counts.error("page 0x" + Long.toHexString(address) + " of process " + name(cpu) + " holds 0x"
                    + Long.toHexString(kernel.userAccess().lastValue(cpu)) + ", which nobody wrote there");
        }
        return status >= 0 || status == Faults.SIGSEGV && !Processes.killed(cpu);
    }

    /** Writes the word that {@link #tryRead} reads. */
    public boolean tryWrite(Cpu cpu, long address, long value) {
        serveInterrupts(cpu);
        int status = kernel.userAccess().store64(cpu, Processes.currentMm(cpu), address + STAMP_OFFSET, value);
        return status >= 0 || status == Faults.SIGSEGV && !Processes.killed(cpu);
    }

    /** Checks the stamp of the page at {@code address}. */
    public boolean verify(Cpu cpu, long address) {
        serveInterrupts(cpu);
        return expect(cpu, address, STAMP_OFFSET, stamps.expected(address), "stamp");
    }

    /** Checks that a page of a file mapping holds what page {@code index} of file {@code key} holds. */
    public boolean verifyFile(Cpu cpu, long address, long key, long index) {
        serveInterrupts(cpu);
        return expect(cpu, address, 0, PageCache.contentsOf(key, index, 0), "file contents");
    }

    private boolean expect(Cpu cpu, long address, int offset, long expected, String what) {
        long mm = Processes.currentMm(cpu);
        int status = kernel.userAccess().load64(cpu, mm, address + offset, expected);
        return judge(cpu, status, "read", address, expected, what);
    }

    private boolean judge(Cpu cpu, int status, String access, long address, long expected, String what) {
        lost = status == Faults.SIGBUS && hasFailed(cpu, address);
        if (lost) {
            counts.lost.increment();
            return !Processes.killed(cpu);
        }
        if (status < 0) {
            return failed(cpu, status, access, address);
        }
        if (status != 0) {
            counts.stampErrors.increment();
            counts.error("wrong " + what + " in page 0x" + Long.toHexString(address) + " of process " + name(cpu)
                    + ": expected 0x" + Long.toHexString(expected));
        }
        return true;
    }

    /** True if the page at {@code address}, which nobody else changes, is one whose memory has failed. */
    private boolean hasFailed(Cpu cpu, long address) {
        Entry.enter(cpu);
        long pte = kernel.pageTable().find(cpu, Processes.currentMm(cpu), address);
        long value = pte == Cpu.NULL ? 0 : cpu.readOnce64(pte);
        boolean failed = Pte.isNonSwap(value) && !Pte.isMigration(value);
        if (Pte.isSwap(value)) {
            long page = kernel.swap().lookup(cpu, Pte.swapEntry(value));
            if (page != Cpu.NULL) {
                failed = MemoryFailure.isPoisoned(cpu, page);
                kernel.pages().putPage(cpu, page);
            }
        }
        Entry.exit(cpu);
        return failed;
    }

    /** True if the last access whose value is known found that the memory of its page had failed: it is lost. */
    public boolean lost() {
        return lost;
    }

    private boolean failed(Cpu cpu, int status, String what, long address) {
        if (!Processes.killed(cpu)) {
            counts.accessErrors.increment();
            counts.error(what + " of 0x" + Long.toHexString(address) + " failed with " + status + " in process "
                    + name(cpu));
        }
        return false;
    }

    private String name(Cpu cpu) {
        return Comms.of(kernel.machine()).nameOf(cpu, Sched.current(cpu)) + " #" + id;
    }

    /** A user instruction can be interrupted; the tick then takes the CPU into the kernel and back. */
    static void serveInterrupts(Cpu cpu) {
        if (Area.PENDING.readOnce(cpu, cpu.area()) != 0) {
            Entry.enter(cpu);
            Entry.exit(cpu);
        }
    }

    /** Bytes per page. */
    public static int pageSize() {
        return PAGE;
    }
}
