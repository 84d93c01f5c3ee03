package kemu.mm.truncate;

import static kemu.hw.mem.PhysMem.PAGE_SHIFT;
import static kemu.hw.mem.PhysMem.PAGE_SIZE;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.kernel.task.Mutex;
import kemu.mm.file.AddressSpace;
import kemu.mm.file.Inode;
import kemu.mm.file.TruncateInodePages;
import kemu.mm.uapi.Errno;

/**
 * System calls that change where a file has contents. Each takes i_mutex itself and may sleep. A file without an end
 * cannot be truncated.
 *
 * <p>Source: Linux 2.6.36 fs/open.c do_ftruncate(), 2.6.38 do_fallocate(); there are no blocks to reserve.
 */
public final class Truncate {
    /** Mode of {@link #fallocate}: the size stays. */
    public static final int FALLOC_FL_KEEP_SIZE = 1;
    /** Mode of {@link #fallocate}: the range becomes a hole. */
    public static final int FALLOC_FL_PUNCH_HOLE = 2;

    private static final long OFFSET_MASK = PAGE_SIZE - 1;

    private final TruncateInodePages cached;
    private final TruncatePagecache passes;

    /** Boot only. */
    public Truncate(TruncateInodePages cached, TruncatePagecache passes) {
        this.cached = cached;
        this.passes = passes;
    }

    /**
     * ftruncate: the file is {@code size} bytes long. What is cut off is gone: if the file grows again there are zero
     * bytes. 0, -EINVAL, -EFBIG, or -ENOMEM with nothing changed.
     */
    public int ftruncate(Cpu cpu, @Ref(AddressSpace.class) long mapping, long size) {
        long host = AddressSpace.HOST.get(cpu, mapping);
        if (host == Cpu.NULL || size < 0) {
            return Errno.EINVAL;
        }
        if (size > Inode.MAX_LFS_FILESIZE) {
            return Errno.EFBIG;
        }
        Mutex.lock(cpu, Inode.I_MUTEX.of(host));
        int error = resize(cpu, mapping, host, size);
        Mutex.unlock(cpu, Inode.I_MUTEX.of(host));
        return error;
    }

    private int resize(Cpu cpu, long mapping, long host, long size) {
        long old = Inode.I_SIZE.readOnce(cpu, host);
        if (size >= old) {
            Inode.setSize(cpu, host, size);
            return 0;
        }
        int used = (int) (size & OFFSET_MASK);
        // Before anything is changed, as the page may have to be read.
        int error = used == 0 ? 0 : cached.zero(cpu, mapping, size >> PAGE_SHIFT, used, PAGE_SIZE);
        if (error == 0) {
            passes.truncate(cpu, mapping, size);
        }
        return error;
    }

    /**
     * fallocate: makes the file at least {@code offset + length} bytes long, unless {@link #FALLOC_FL_KEEP_SIZE} is
     * given; with {@link #FALLOC_FL_PUNCH_HOLE}, which needs the former, the range reads as zero bytes. 0, -EINVAL,
     * -EFBIG, -EOPNOTSUPP, or -ENOMEM with part of the range punched.
     */
    public int fallocate(Cpu cpu, @Ref(AddressSpace.class) long mapping, int mode, long offset, long length) {
        long host = AddressSpace.HOST.get(cpu, mapping);
        if (host == Cpu.NULL || offset < 0 || length <= 0) {
            return Errno.EINVAL;
        }
        if (length > Inode.MAX_LFS_FILESIZE - offset) {
            return Errno.EFBIG;
        }
        boolean punches = (mode & FALLOC_FL_PUNCH_HOLE) != 0;
        if ((mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE)) != 0
                || punches && (mode & FALLOC_FL_KEEP_SIZE) == 0) {
            return Errno.EOPNOTSUPP;
        }
        Mutex.lock(cpu, Inode.I_MUTEX.of(host));
        int error = 0;
        if (punches) {
            error = punchHole(cpu, mapping, offset, Math.min(offset + length, Inode.I_SIZE.readOnce(cpu, host)));
        } else if ((mode & FALLOC_FL_KEEP_SIZE) == 0 && offset + length > Inode.I_SIZE.readOnce(cpu, host)) {
            Inode.setSize(cpu, host, offset + length);
        }
        Mutex.unlock(cpu, Inode.I_MUTEX.of(host));
        return error;
    }

    /** Whole pages of [from, to) become a hole, of others the bytes that belong to it are cleared. */
    private int punchHole(Cpu cpu, long mapping, long from, long to) {
        if (from >= to) {
            return 0;
        }
        long first = from + OFFSET_MASK >> PAGE_SHIFT;
        // The rest of the last page of the file holds nothing either.
        long behind = to == Inode.I_SIZE.readOnce(cpu, AddressSpace.HOST.get(cpu, mapping))
                ? Inode.pages(to)
                : to >> PAGE_SHIFT;
        if (behind < first) {
            return cached.zero(cpu, mapping, behind, (int) (from & OFFSET_MASK), (int) (to & OFFSET_MASK));
        }
        int error = 0;
        if ((from & OFFSET_MASK) != 0) {
            error = cached.zero(cpu, mapping, first - 1, (int) (from & OFFSET_MASK), PAGE_SIZE);
        }
        if (error == 0 && behind << PAGE_SHIFT < to) {
            error = cached.zero(cpu, mapping, behind, 0, (int) (to & OFFSET_MASK));
        }
        return error != 0 || behind == first ? error : passes.punch(cpu, mapping, first, behind - 1);
    }
}
