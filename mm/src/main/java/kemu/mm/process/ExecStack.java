package kemu.mm.process;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.mem.PhysMem;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;
import kemu.mm.vma.StackSetup;

/**
 * The stack of an image as exec sets it up when it moves stacks: its first pages, of arguments and environment, are
 * there before the program runs.
 */
final class ExecStack {
    /** Pages for arguments and environment, if the stack has as many. */
    private static final int ARGUMENT_PAGES = 2;

    private static final long NEEDED = VmArea.VM_GROWSDOWN | VmArea.VM_WRITE;

    private final StackSetup setup;

    ExecStack(StackSetup setup) {
        this.setup = setup;
    }

    /** True if segment {@code i} of {@code image} is a stack that is set up so. */
    static boolean isStack(ExecImage image, int i) {
        return (image.flags()[i] & NEEDED) == NEEDED && image.fileKey()[i] == 0;
    }

    /** Maps segment {@code i} of {@code image} in {@code mm}, which is empty; 0 or -ENOMEM. Context: may sleep. */
    int map(Cpu cpu, @Ref(MmStruct.class) long mm, ExecImage image, int i) {
        long start = image.address()[i];
        long length = image.length()[i];
        int pages = (int) Math.min(ARGUMENT_PAGES, length >> PhysMem.PAGE_SHIFT);
        if (Errno.isError(setup.begin(cpu, mm, pages, image.flags()[i]))) {
            return Errno.ENOMEM;
        }
        return setup.finish(cpu, mm, start, start + length);
    }
}
