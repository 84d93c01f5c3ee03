package kemu.trace.strace;

import kemu.hw.mem.PhysMem;
import kemu.trace.model.Op;
import kemu.trace.model.TraceNotes;

/** The calls that change an address space, as 64-bit and 32-bit machines spell them. */
final class MemoryCalls {
    private static final long PAGE = PhysMem.PAGE_SIZE;
    /** What a descriptor of -1 looks like to a strace that takes it for unsigned. */
    private static final long NO_DESCRIPTOR_32 = 0xffff_ffffL;

    private static final long LARGEST_OFFSET = 1L << 60;
    private static final int MAP_BITS = 0xfffff;

    private final Call c;
    private final Scan s;
    private final TraceNotes notes;
    private final LogForm form;

    MemoryCalls(Call call, TraceNotes notes, LogForm form) {
        this.c = call;
        this.s = call.s;
        this.notes = notes;
        this.form = form;
    }

    /**
     * {@code mmap}, {@code mmap2} and {@code old_mmap}, flat or with its struct. The offset of {@code mmap2} is in
     * bytes in logs of strace 4.7 and newer and in pages before: one that is not page aligned must be in pages.
     */
    void mmap(boolean pages) throws Scan.Malformed {
        if (c.failed(Op.MMAP)) {
            return;
        }
        c.number("bad address in mmap");
        c.comma();
        long length = c.length("bad length in mmap");
        c.comma();
        c.label();
        int prot = Flags.prot(s);
        c.comma();
        c.label();
        int flags = Flags.map(s) & MAP_BITS;
        c.comma();
        boolean file = descriptor();
        c.comma();
        long offset = offset(pages);
        c.close();
        long address = Call.page(c.result, length, "mmap result is not page aligned");
        if (length == 0) {
            throw new Scan.Malformed("mmap of no bytes cannot have succeeded");
        }
        long kind = file && (flags & Op.MAP_ANONYMOUS) == 0 ? RawTask.SOME_FILE : RawTask.NO_FILE;
        c.task.ops().add(Op.MMAP, c.gap(), address, length, prot, flags, kind, offset);
        c.task.stamp(c.entry);
    }

    private boolean descriptor() throws Scan.Malformed {
        c.label();
        if (s.skip("-1")) {
            return false;
        }
        long fd = s.number("bad descriptor in mmap");
        if (s.at('<')) {
            form.paths = true;
            int end = s.find(">,");
            s.pos = end < 0 ? s.end : end + 1;
        }
        return fd >= 0 && fd < NO_DESCRIPTOR_32;
    }

    private long offset(boolean pages) throws Scan.Malformed {
        c.label();
        int from = s.pos;
        long offset = s.number("bad offset in mmap");
        if (offset % PAGE != 0 && s.splice > s.pos) {
            // Output that begins with hexadecimal digits stands directly behind the number.
            for (int end = s.pos; offset % PAGE != 0 && end > from + 1; ) {
                offset >>>= 4;
                s.pos = --end;
            }
        }
        if (offset % PAGE != 0 && pages && offset > 0 && offset <= LARGEST_OFFSET / PAGE) {
            offset *= PAGE;
        }
        if (offset < 0 || offset > LARGEST_OFFSET || offset % PAGE != 0) {
            throw new Scan.Malformed("bad offset in mmap");
        }
        return offset;
    }

    void brk() throws Scan.Malformed {
        if (c.failed(Op.BRK)) {
            return;
        }
        long raw = c.number("bad address in brk");
        c.close();
        // Output that begins with hexadecimal digits stands directly behind the number; brk returns what it was given.
        boolean torn = s.splice > 0 && Long.toHexString(raw).startsWith(Long.toHexString(c.result));
        long got = Call.fold(c.result);
        long want = raw != 0 && torn ? got : Call.fold(raw);
        if (want != 0 && got != want) {
            c.fail(Op.BRK, 12);
        } else {
            c.task.ops().add(Op.BRK, c.gap(), want, got);
            c.task.stamp(c.entry);
        }
    }

    void munmap() throws Scan.Malformed {
        if (c.failed(Op.MUNMAP)) {
            return;
        }
        long raw = c.number("bad address in munmap");
        c.comma();
        long length = c.length("bad length in munmap");
        c.close();
        long address = Call.page(raw, length, "munmap address is not page aligned");
        c.task.ops().add(Op.MUNMAP, c.gap(), address, length);
        c.task.stamp(c.entry);
    }

    /** {@code mprotect}, or {@code pkey_mprotect} with its key. */
    void mprotect(boolean key) throws Scan.Malformed {
        if (c.failed(Op.MPROTECT)) {
            return;
        }
        long raw = c.number("bad address in mprotect");
        c.comma();
        long length = c.length("bad length in mprotect");
        c.comma();
        int prot = Flags.prot(s);
        if (!key) {
            c.close();
        }
        long address = Call.page(raw, length, "mprotect address is not page aligned");
        c.task.ops().add(Op.MPROTECT, c.gap(), address, length, prot);
        c.task.stamp(c.entry);
    }

    void mremap() throws Scan.Malformed {
        if (c.failed(Op.MREMAP)) {
            return;
        }
        long raw = c.number("bad address in mremap");
        c.comma();
        long length = c.length("bad length in mremap");
        c.comma();
        long newLength = c.length("bad new length in mremap");
        long address = Call.page(raw, length, "mremap address is not page aligned");
        long moved = Call.page(c.result, newLength, "mremap result is not page aligned");
        if (newLength == 0) {
            throw new Scan.Malformed("mremap to no bytes cannot have succeeded");
        }
        c.task.ops().add(Op.MREMAP, c.gap(), address, length, newLength, moved);
        c.task.stamp(c.entry);
    }

    void madvise() throws Scan.Malformed {
        if (c.failed(Op.MADVISE)) {
            return;
        }
        long raw = c.number("bad address in madvise");
        c.comma();
        long length = c.length("bad length in madvise");
        c.comma();
        int advice = Flags.advice(s);
        if (advice < 0) {
            notes.add("call not replayed: madvise with other advice", 1);
            return;
        }
        long address = Call.page(raw, length, "madvise address is not page aligned");
        c.task.ops().add(Op.MADVISE, c.gap(), address, length, advice);
        c.task.stamp(c.entry);
    }
}
