package kemu.mm.process;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Tags;
import kemu.mm.file.Files;
import kemu.mm.types.MmStruct;
import kemu.mm.uapi.Errno;
import kemu.mm.vma.Mmap;
import kemu.mm.vma.Mms;

/** Builds the address space of a new program. */
final class Exec {
    private static final int NONE = -1;
    private static final int EXEC_TAG = Tags.tag("exec");

    private final Files files;
    private final Mms mms;
    private final Mmap mmap;
    /** Null: stacks are mapped where they will be. */
    private final ExecStack stacks;

    Exec(Files files, Mms mms, Mmap mmap, ExecStack stacks) {
        this.stacks = stacks;
        this.files = files;
        this.mms = mms;
        this.mmap = mmap;
    }

    /** A new mm with the segments of {@code image} mapped, or NULL if memory is out. Context: may sleep. */
    long load(Cpu cpu, ExecImage image) {
        long start = cpu.clock();
        long mm = mms.mmAlloc(cpu);
        if (mm == Cpu.NULL) {
            return Cpu.NULL;
        }
        int stack = stacks == null ? NONE : stackOf(image);
        boolean mapped = stack == NONE || stacks.map(cpu, mm, image, stack) == 0;
        for (int i = 0; mapped && i < image.segments(); i++) {
            mapped = i == stack || map(cpu, mm, image, i);
        }
        if (!mapped) {
            mms.mmput(cpu, mm);
            return Cpu.NULL;
        }
        MmStruct.START_BRK.set(cpu, mm, image.brk());
        MmStruct.BRK.set(cpu, mm, image.brk());
        cpu.record(EXEC_TAG, cpu.clock() - start);
        return mm;
    }

    /** The segment that comes first, while there is no other. */
    private static int stackOf(ExecImage image) {
        for (int i = 0; i < image.segments(); i++) {
            if (ExecStack.isStack(image, i)) {
                return i;
            }
        }
        return NONE;
    }

    private boolean map(Cpu cpu, long mm, ExecImage image, int i) {
        long file = Cpu.NULL;
        if (image.fileKey()[i] != 0) {
            file = files.open(cpu, image.fileKey()[i]);
            if (file == Cpu.NULL) {
                return false;
            }
        }
        long mapped = mmap.mmap(
                cpu, mm, image.address()[i], image.length()[i], image.flags()[i], true, file, image.pageOffset()[i]);
        if (file != Cpu.NULL) {
            files.put(cpu, file);
        }
        return !Errno.isError(mapped);
    }
}
