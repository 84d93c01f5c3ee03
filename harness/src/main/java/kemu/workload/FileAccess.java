package kemu.workload;

import java.util.concurrent.atomic.LongAdder;
import kemu.hw.cpu.Cpu;
import kemu.mm.Kernel;
import kemu.mm.fault.Faults;
import kemu.mm.process.Processes;

/**
 * Accesses of one user program to files that are mapped. Inside of the file each must work and find what is there;
 * beyond its end each must raise SIGBUS, which is counted.
 */
final class FileAccess {
    private final Kernel kernel;
    private final Counts counts;
    private final LongAdder sigbus;
    private final String who;
    private boolean raised;
    private boolean nothingThere;

    FileAccess(Kernel kernel, Counts counts, LongAdder sigbus, String who) {
        this.kernel = kernel;
        this.counts = counts;
        this.sigbus = sigbus;
        this.who = who;
    }

    /** Those of a child, forked now, which makes them at the same time as its parent. */
    FileAccess forked() {
        return new FileAccess(kernel, counts, sigbus, "a child of " + who);
    }

    /** Reads what must be {@code expected} if it is {@code inside}. False if the program cannot go on. */
    boolean expect(Cpu cpu, long address, long expected, boolean inside) {
        UserProgram.serveInterrupts(cpu);
        int status = kernel.userAccess().load64(cpu, Processes.currentMm(cpu), address, expected);
        return judge(cpu, status, address, expected, inside);
    }

    /** Writes over what must be {@code expected} if it is {@code inside}. False if the program cannot go on. */
    boolean replace(Cpu cpu, long address, long expected, long value, boolean inside) {
        UserProgram.serveInterrupts(cpu);
        int status = kernel.userAccess().storeChecked(cpu, Processes.currentMm(cpu), address, expected, value);
        return judge(cpu, status, address, expected, inside);
    }

    private boolean judge(Cpu cpu, int status, long address, long expected, boolean inside) {
        if (!goesOn(cpu, status, address)) {
            return false;
        }
        if (raised == inside) {
            counts.accessErrors.increment();
            counts.error(at(address)
                    + (raised ? ": SIGBUS inside of the file" : ": no SIGBUS, though beyond the end of the file"));
        } else if (status == 1) {
            wrong(cpu, address, "not 0x" + Long.toHexString(expected));
        }
        return true;
    }

    /**
     * Reads what may be anything, and may lie beyond the end ({@link #raised}); {@link #found} is what is there. False
     * if the program cannot go on.
     */
    boolean read(Cpu cpu, long address) {
        UserProgram.serveInterrupts(cpu);
        return goesOn(cpu, kernel.userAccess().load64(cpu, Processes.currentMm(cpu), address, 0), address);
    }

    /** {@link #read} of what other threads may unmap ({@link #nothingThere}). */
    boolean tryRead(Cpu cpu, long address) {
        UserProgram.serveInterrupts(cpu);
        return tried(cpu, kernel.userAccess().load64(cpu, Processes.currentMm(cpu), address, 0), address);
    }

    /** Writes where others may write or cut the file off, or unmap it. False if the program cannot go on. */
    boolean tryWrite(Cpu cpu, long address, long value) {
        UserProgram.serveInterrupts(cpu);
        return tried(cpu, kernel.userAccess().store64(cpu, Processes.currentMm(cpu), address, value), address);
    }

    private boolean tried(Cpu cpu, int status, long address) {
        nothingThere = status == Faults.SIGSEGV;
        return goesOn(cpu, nothingThere ? 0 : status, address);
    }

    private boolean goesOn(Cpu cpu, int status, long address) {
        raised = status == Faults.SIGBUS;
        if (raised) {
            sigbus.increment();
        } else if (status < 0 && !Processes.killed(cpu)) {
            counts.accessErrors.increment();
            counts.error(at(address) + ": access failed with " + status);
        }
        return (raised || status >= 0) && !Processes.killed(cpu);
    }

    /** True if the last access raised SIGBUS. */
    boolean raised() {
        return raised;
    }

    /** True if the page of the last access that was only tried was not mapped. */
    boolean nothingThere() {
        return nothingThere;
    }

    /** What the last access found, unless it raised SIGBUS. */
    long found(Cpu cpu) {
        return kernel.userAccess().lastValue(cpu);
    }

    /** What the last access found is wrong. */
    void wrong(Cpu cpu, long address, String but) {
        counts.stampErrors.increment();
        counts.error(at(address) + " holds 0x" + Long.toHexString(found(cpu)) + ", " + but);
    }

    private String at(long address) {
        return who + ": word 0x" + Long.toHexString(address);
    }
}
