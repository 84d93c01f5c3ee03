package kemu.check.dump;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Supplier;
import kemu.hw.cpu.Cpu;
import kemu.hw.layout.StructLayout;
import kemu.hw.machine.Machine;
import kemu.hw.mem.KernelBug;
import kemu.hw.mem.PhysMem;
import kemu.kernel.locking.LockClass;
import kemu.kernel.locking.SpinLock;
import kemu.kernel.task.LockReport;
import kemu.kernel.task.Mutex;
import kemu.kernel.task.RwSem;
import kemu.mm.Kernel;
import kemu.mm.page.Page;
import kemu.mm.slab.KmemCache;

/** Looks into a dump: boots the same machine, puts the dumped memory into it, and prints structures by name. */
public final class Inspector implements AutoCloseable {
    /** Stands where a pointer leads out of memory. */
    private static final String WILD = "(wild)";

    private final DumpedMachine dumped;
    private final Machine machine;
    private final Kernel kernel;
    private final Cpu cpu;
    private final int frames;

    /**
     * Opens the dump in {@code dir}.
     *
     * @throws Dump.Malformed if it is not one, or one of another build
     */
    public Inspector(Path dir) throws IOException, Dump.Malformed {
        Dump dump = Dump.read(dir);
        dumped = dump.scenario().equals(RunMachine.SCENARIO)
                ? RunDump.open(dir, dump)
                : DumpedMachine.ofCheck(dir, dump);
        machine = dumped.machine();
        kernel = dumped.kernel();
        cpu = dumped.cpu();
        frames = (int) (machine.memory().sizeBytes() >>> PhysMem.PAGE_SHIFT);
    }

    /** Every CPU and every sleeping task, and what they wait for. */
    public String tasks() {
        return asFarAsPossible("tasks", () -> machine.software().describeHang(cpu));
    }

    /** Every lock that is locked, with its holder. */
    public String locks() {
        StringBuilder out = new StringBuilder();
        int free = 0;
        for (int pfn = 1; pfn < frames; pfn++) {
            if (!dumped.holds(pfn)) {
                continue;
            }
            long frame = (long) pfn << PhysMem.PAGE_SHIFT;
            for (long at = frame; at < frame + PhysMem.PAGE_SIZE; at += Long.BYTES) {
                int state = lockState(at);
                free += state == 0 ? 1 : 0;
                if (state > 0) {
                    out.append(lock(at)).append('\n');
                }
            }
        }
        return out.append(free).append(" more locks are free").toString();
    }

    private String lock(long at) {
        try {
            return LockReport.describe(cpu, at);
        } catch (KernelBug bug) {
            return "lock 0x" + Long.toHexString(at) + " " + WILD;
        }
    }

    /** 1 if there is a locked lock at {@code at}, 0 if it is free, -1 if there is none. */
    private int lockState(long at) {
        if ((at & PhysMem.PAGE_SIZE - 1) > PhysMem.PAGE_SIZE - LockClass.WORD_OFFSET - 4) {
            return -1;
        }
        int word = cpu.read32(at + LockClass.WORD_OFFSET);
        if (!LockClass.isWord(word) || LockClass.kindOf(word) == LockClass.COMPLETION) {
            return -1;
        }
        try {
            boolean locked = LockClass.kindOf(word) == LockClass.MUTEX
                    ? Mutex.isLocked(cpu, at)
                    : LockClass.kindOf(word) == LockClass.RWSEM ? RwSem.isLocked(cpu, at) : SpinLock.isLocked(cpu, at);
            return locked ? 1 : 0;
        } catch (KernelBug bug) {
            return 1;
        }
    }

    /** Counts of every slab cache. */
    public String slabs() {
        return asFarAsPossible("slabs", () -> kernel.slabs().slabInfo(cpu));
    }

    /** What the kernel says of itself when its own pointers may be wrong. */
    private static String asFarAsPossible(String what, Supplier<String> told) {
        try {
            return told.get().stripTrailing();
        } catch (KernelBug bug) {
            return what + ": " + WILD + ": "
                    + bug.getMessage().lines().findFirst().orElse("");
        }
    }

    /** The allocated objects of the cache called {@code name}; null if there is no such cache. */
    public String slab(String name) {
        for (KmemCache cache : kernel.slabs().caches()) {
            if (cache != null && cache.name().equals(name)) {
                return asFarAsPossible(name, () -> kernel.slabs().describe(cpu, cache));
            }
        }
        return null;
    }

    /** Names of the slab caches. */
    public List<String> slabNames() {
        List<String> names = new ArrayList<>();
        for (KmemCache cache : kernel.slabs().caches()) {
            if (cache != null) {
                names.add(cache.name());
            }
        }
        return names;
    }

    /** Names of the structs that {@link #struct} knows. */
    public List<String> structNames() {
        return new ArrayList<>(new TreeSet<>(StructLayout.names()));
    }

    /** True if {@code address} lies in memory that can be looked at. */
    public boolean isMapped(long address, int bytes) {
        return address >= PhysMem.PAGE_SIZE && address <= machine.memory().sizeBytes() - bytes;
    }

    /** The fields of the struct called {@code name} at {@code address}; null if there is no such struct. */
    public String struct(String name, long address) {
        StructLayout layout = StructLayout.named(name);
        if (layout == null) {
            return null;
        }
        StringBuilder out = new StringBuilder();
        out.append(name).append(" 0x").append(Long.toHexString(address)).append(": ");
        out.append(nameOf(address)).append('\n');
        if (!dumped.holds((int) (address >>> PhysMem.PAGE_SHIFT))) {
            return out.append("  not in the dump: free, or memory of a process or file")
                    .toString();
        }
        fields(out, layout, address, address, "");
        if (name.equals("page")) {
            out.append("  flags: ")
                    .append(isMapped(address, layout.sizeBytes()) ? Page.flagNames(Page.FLAGS.get(cpu, address)) : WILD)
                    .append('\n');
        }
        return out.toString().stripTrailing();
    }

    private void fields(StringBuilder out, StructLayout layout, long start, long address, String prefix) {
        for (StructLayout.Member member : layout.members()) {
            long at = address + member.offset();
            if (member.inner() != null && !member.inner().members().isEmpty()) {
                fields(out, member.inner(), start, at, prefix + member.name() + ".");
                continue;
            }
            int words = member.inner() == null ? 1 : member.sizeBytes() / Long.BYTES;
            for (int i = 0; i < words; i++) {
                String name = prefix + member.name() + (member.inner() == null ? "" : "[" + i + "]");
                String value = WILD;
                if (isMapped(at + 8L * i, member.sizeBytes() == 4 ? 4 : 8)) {
                    value = value(member.sizeBytes() == 4 ? cpu.read32(at) : cpu.read64(at + 8L * i), member);
                }
                out.append(String.format("  +0x%-4x %-28s %s%n", at - start + 8L * i, name, value));
            }
        }
    }

    private String value(long value, StructLayout.Member member) {
        if (member.name().equals("class") && LockClass.isWord((int) value)) {
            return LockClass.nameOf((int) value);
        }
        String hex = "0x" + Long.toHexString(member.sizeBytes() == 4 ? value & 0xffff_ffffL : value);
        boolean points = member.sizeBytes() > 4 && isMapped(value & -8L, 8);
        if (points) {
            return hex + "  (" + nameOf(value) + ")";
        }
        if (member.reference() && value != Cpu.NULL) {
            return hex + "  " + WILD;
        }
        return member.reference() && value == Cpu.NULL ? "NULL" : value + "  (" + hex + ")";
    }

    /** The name of what lies at {@code address}. */
    public String nameOf(long address) {
        try {
            return machine.memory().symbols().nameOf(address);
        } catch (KernelBug bug) {
            return "0x" + Long.toHexString(address) + ", by way of what is " + WILD;
        }
    }

    /** The {@code struct page} of frame number {@code pfn}, or -1. */
    public long pageOfPfn(long pfn) {
        return pfn < 0 || pfn >= frames ? -1 : kernel.pages().pageOfPfn(pfn);
    }

    @Override
    public void close() {
        dumped.close();
    }
}
