package kemu.mm.file;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Embedded;
import kemu.hw.layout.I64Field;
import kemu.hw.layout.Ref;
import kemu.hw.layout.RefField;
import kemu.hw.layout.StructLayout;
import kemu.hw.mem.PhysMem;
import kemu.kernel.locking.LockClass;
import kemu.kernel.task.Mutex;
import kemu.rcu.list.ListHead;

/**
 * {@code struct inode}, as far as only a file with an end needs it. Files of recorded builds have none: their pages go
 * on for ever, nobody truncates them, and their faults need not look whether somebody does. Source: Linux 2.6.36
 * include/linux/fs.h.
 */
public final class Inode {
    private static final StructLayout.Builder S = StructLayout.struct("inode");
    /** Bytes of the file. Written under {@link #I_MUTEX}, read without. */
    public static final I64Field I_SIZE = S.i64("i_size");
    /**
     * Pages, from the first on, that hold what follows from the file's key where nobody has written; the rest began as
     * a hole. Only falls. Written under {@link #I_MUTEX}, read without.
     */
    static final I64Field KEPT = S.i64("kept_pages");
    /**
     * Where in i_mmap an unmapping goes on that has let go of i_mmap_lock; NULL if none has. Linux counts passes in
     * every VMA instead (truncate_count, vm_truncate_count). i_mmap_lock.
     */
    public static final RefField UNMAP_AT = S.ref("unmap_at", ListHead.class);
    /** The page at which it goes on in the VMA that {@link #UNMAP_AT} is the link of. i_mmap_lock. */
    public static final I64Field UNMAP_INDEX = S.i64("unmap_index");
    /** Held by who changes the size or punches a hole. Outside the page lock. */
    public static final Embedded I_MUTEX = S.embed("i_mutex", Mutex.LAYOUT);
    /** Size and members. */
    public static final StructLayout LAYOUT = S.build(StructLayout.CACHE_LINE);

    /** The largest size: page numbers are computed with 63 bits. */
    public static final long MAX_LFS_FILESIZE = Long.MAX_VALUE - PhysMem.PAGE_SIZE;

    private static final LockClass MUTEX = LockClass.of("inode->i_mutex");

    private Inode() {}

    /** Makes {@code inode} that of a file of {@code size} bytes. */
    static void init(Cpu cpu, @Ref(Inode.class) long inode, long size) {
        I_SIZE.writeOnce(cpu, inode, size);
        KEPT.writeOnce(cpu, inode, pages(size));
        UNMAP_AT.set(cpu, inode, Cpu.NULL);
        UNMAP_INDEX.set(cpu, inode, 0);
        Mutex.init(cpu, I_MUTEX.of(inode), MUTEX);
    }

    /** Pages that {@code bytes} take. */
    public static long pages(long bytes) {
        return (bytes + PhysMem.PAGE_SIZE - 1) >>> PhysMem.PAGE_SHIFT;
    }

    /** True if page {@code index} lies beyond the end of the file; racy unless i_mutex is held. */
    public static boolean beyondEnd(Cpu cpu, @Ref(Inode.class) long inode, long index) {
        return index >= pages(I_SIZE.readOnce(cpu, inode));
    }

    /** True if page {@code index} holds what follows from the key, unless written to or punched. */
    static boolean keeps(Cpu cpu, @Ref(Inode.class) long inode, long index) {
        return index < KEPT.readOnce(cpu, inode) && !beyondEnd(cpu, inode, index);
    }

    /**
     * i_size_write, and what lies beyond a smaller size is forgotten for good. Context: i_mutex; cached pages beyond it
     * go next.
     */
    public static void setSize(Cpu cpu, @Ref(Inode.class) long inode, long size) {
        if (pages(size) < KEPT.readOnce(cpu, inode)) {
            KEPT.writeOnce(cpu, inode, pages(size));
        }
        I_SIZE.writeOnce(cpu, inode, size);
    }
}
