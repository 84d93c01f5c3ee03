package kemu.mm.vma;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Event;
import kemu.hw.layout.Ref;
import kemu.hw.machine.Area;
import kemu.kernel.context.Task;
import kemu.mm.file.Files;
import kemu.mm.huge.HugePages;
import kemu.mm.pgtable.PageTable;
import kemu.mm.rmap.AnonVmas;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;

/** dup_mmap: what fork does to memory. Source: Linux 2.6.36 kernel/fork.c. */
final class DupMmap {
    private final PageTable pageTable;
    private final Files files;
    private final AnonVmas anonVmas;
    private final VmaLinks links;
    private final MmapLock mmapLock;
    private final CopyPages copy;
    private final MergeLink merging;
    /** Null: there are no huge pages. */
    private final HugePages huge;

    DupMmap(
            PageTable pageTable,
            Files files,
            AnonVmas anonVmas,
            VmaLinks links,
            MmapLock mmapLock,
            CopyPages copy,
            MergeLink merging,
            HugePages huge) {
        this.merging = merging;
        this.huge = huge;
        this.pageTable = pageTable;
        this.files = files;
        this.anonVmas = anonVmas;
        this.links = links;
        this.mmapLock = mmapLock;
        this.copy = copy;
    }

    /** Copies all VMAs and ptes of {@code parent}; 0 or -ENOMEM, then the child has some of them and is to be put. */
    int dupMmap(Cpu cpu, @Ref(MmStruct.class) long child, @Ref(MmStruct.class) long parent) {
        mmapLock.writeLock(cpu, parent);
        // Nobody can hold the child's: no deadlock, whatever the order.
        mmapLock.writeLockNested(cpu, child);
        MmStruct.START_BRK.set(cpu, child, MmStruct.START_BRK.get(cpu, parent));
        MmStruct.BRK.set(cpu, child, MmStruct.BRK.get(cpu, parent));
        MmStruct.MEMLOCK_LIMIT.set(cpu, child, MmStruct.MEMLOCK_LIMIT.get(cpu, parent));
        MmStruct.MMAP_BASE.set(cpu, child, MmStruct.MMAP_BASE.get(cpu, parent));
        MmStruct.FREE_AREA_CACHE.set(cpu, child, MmStruct.MMAP_BASE.get(cpu, parent));
        boolean alone = alone(cpu, parent);
        cpu.tell(Event.MM_FORKING, parent, 0);
        int error = merging.fork(cpu, child, parent);
        if (error == 0 && huge != null) {
            error = huge.fork(cpu, child, parent);
        }
        long vma = MmStruct.MMAP.get(cpu, parent);
        // Ends: the list of VMAs is finite.
        while (vma != Cpu.NULL && error == 0) {
            // No fault that does without mmap_sem may add a page or write to one behind the copy's back.
            links.lookup().startCopy(cpu, vma);
            if ((VmArea.VM_FLAGS.get(cpu, vma) & VmArea.VM_DONTCOPY) == 0) {
                error = dupVma(cpu, child, parent, vma, alone);
            }
            vma = VmArea.VM_NEXT.get(cpu, vma);
        }
        if (error == 0) {
            error = links.lookup().publishAll(cpu, child);
        }
        mmapLock.writeUnlock(cpu, child);
        if (!alone || pageTable.flushesAlone()) {
            pageTable.flushPoints().forked(cpu, pageTable, parent);
        }
        if (error == 0) {
            cpu.tell(Event.MM_FORKED, parent, child);
        }
        mmapLock.writeUnlock(cpu, parent);
        return error;
    }

    /** True if the caller is the only task that can access the parent's memory, and so does not while it runs here. */
    private static boolean alone(Cpu cpu, long parent) {
        long task = Area.CURRENT.get(cpu, cpu.area());
        return MmStruct.MM_USERS.readOnce(cpu, parent) == 1 && Task.MM.get(cpu, task) == parent;
    }

    private int dupVma(Cpu cpu, long child, long parent, long vma, boolean alone) {
        long fresh = links.alloc(cpu);
        if (fresh == Cpu.NULL) {
            return Errno.ENOMEM;
        }
        VmaAdjust.copyVma(cpu, fresh, vma);
        VmArea.VM_MM.set(cpu, fresh, child);
        VmArea.VM_FLAGS.set(cpu, fresh, VmArea.VM_FLAGS.get(cpu, vma) & ~VmArea.VM_LOCKED);
        if (anonVmas.anonVmaFork(cpu, fresh, vma) != 0) {
            links.free(cpu, fresh);
            return Errno.ENOMEM;
        }
        long file = VmArea.VM_FILE.get(cpu, fresh);
        if (file != Cpu.NULL) {
            files.get(cpu, file);
        }
        // Before any pte is copied: a walk of the parent's pages must find the child's ptes.
        links.linkUnpublished(cpu, child, fresh);
        return copy.copy(cpu, child, parent, vma, alone);
    }
}
