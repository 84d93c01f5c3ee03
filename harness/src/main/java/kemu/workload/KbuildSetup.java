package kemu.workload;

import kemu.hw.mem.PhysMem;
import kemu.kernel.task.Comms;
import kemu.mm.process.ExecImage;
import kemu.mm.types.VmArea;
import kemu.trace.model.Op;
import kemu.trace.model.ProcessImage;
import kemu.trace.model.Trace;

/**
 * What all replays of one trace share: images and command names as the kernel wants them.
 *
 * @param trace the recorded build
 * @param images its images, by index
 * @param comms command name ids, by recorded process
 * @param recordedPace whether recorded gaps are slept
 * @param vforkCopies whether vfork and posix_spawn copy the address space, as fork does
 */
record KbuildSetup(Trace trace, ExecImage[] images, int[] comms, boolean recordedPace, boolean vforkCopies) {
    private static final long STACK_FLAGS = VmArea.VM_GROWSDOWN;

    /** Converts {@code trace} for a kernel with the command names {@code names}. */
    static KbuildSetup of(Trace trace, Comms names, boolean recordedPace, boolean vforkCopies) {
        ExecImage[] images = new ExecImage[trace.imageCount()];
        for (int i = 0; i < images.length; i++) {
            images[i] = convert(trace.image(i), names);
        }
        int[] comms = new int[trace.procCount()];
        for (int i = 0; i < comms.length; i++) {
            comms[i] = names.number(trace.proc(i).name());
        }
        return new KbuildSetup(trace, images, comms, recordedPace, vforkCopies);
    }

    private static ExecImage convert(ProcessImage image, Comms comms) {
        int n = image.segments();
        long[] address = new long[n];
        long[] length = new long[n];
        long[] flags = new long[n];
        long[] fileKey = new long[n];
        long[] pageOffset = new long[n];
        for (int i = 0; i < n; i++) {
            address[i] = image.start(i);
            length[i] = image.length(i);
            flags[i] = protection(image.prot(i)) | (image.kind(i) == ProcessImage.STACK ? STACK_FLAGS : 0);
            fileKey[i] = image.file(i) < 0 ? 0 : fileKey(image.file(i));
            pageOffset[i] = image.offset(i) >>> PhysMem.PAGE_SHIFT;
        }
        return new ExecImage(
                comms.number(image.name()), address, length, flags, fileKey, pageOffset, image.heapStart());
    }

    /** VM_ bits of recorded PROT_ bits. */
    static long protection(int prot) {
        return ((prot & Op.PROT_READ) != 0 ? VmArea.VM_READ : 0)
                | ((prot & Op.PROT_WRITE) != 0 ? VmArea.VM_WRITE : 0)
                | ((prot & Op.PROT_EXEC) != 0 ? VmArea.VM_EXEC : 0);
    }

    /** The kernel's key for a trace's file: never 0, which means anonymous. */
    static long fileKey(long file) {
        return file + 1;
    }
}
