package kemu.workload;

import java.util.Arrays;
import java.util.BitSet;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.PhysMem;
import kemu.mm.file.PageCache;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;

/**
 * A file that one thread alone changes, mapped by it shared and privately. Of the shared mapping it knows every byte.
 * Of a private copy that it made it does, too; but mlock() copies pages that are locked and not yet written to,
 * whenever another thread calls it. Of such a page it knows that it holds what the file has held, since it was mapped
 * anew.
 */
final class OwnFile {
    private static final int PAGE = UserProgram.pageSize();
    private static final long READ_WRITE = VmArea.VM_READ | VmArea.VM_WRITE;
    /** Words of a page of a file that may hold something; the others are zero. {@link #STAMP} is written. */
    private static final int[] WORDS = {0, 1, 16, 511};

    private static final int STAMP = 2;
    /** The word that is written in private copies, and zero in the file. */
    private static final int PRIVATE_WORD = 24;

    private static final int PRIVATE = WORDS.length;
    private static final int KNOWN = WORDS.length + 1;
    private static final int MOST_AT_ONCE = 16;

    /**
     * Where the file is mapped, and what it is.
     *
     * @param file its address_space, of which the workload has a reference
     * @param key of the file
     * @param pages of both mappings, and of the file when it is new
     * @param shared address of the shared mapping
     * @param copies address of the private mapping
     */
    record Place(long file, long key, int pages, long shared, long copies) {}

    private final Place place;
    private final Syscalls syscalls;
    private final MlockCalls calls;
    private long size;
    /** By page: what its {@link #WORDS} hold in the file. */
    private final long[] words;
    /** Pages whose private copy is known. */
    private final BitSet copied;
    /** By page: what these words and {@link #PRIVATE_WORD} hold in the copy. */
    private final long[] copies;
    /** By page: no older stamp may be in a copy that is not known. */
    private final int[] floors;

    private int generation;

    /** A new file of all its pages. */
    OwnFile(Place place, Syscalls syscalls, MlockCalls calls) {
        this(
                place,
                syscalls,
                calls,
                new long[place.pages() * WORDS.length],
                new BitSet(),
                new long[place.pages() * KNOWN],
                new int[place.pages()]);
        size = (long) place.pages() * PAGE;
        for (int page = 0; page < place.pages(); page++) {
            for (int i = 0; i < WORDS.length; i++) {
                words[page * WORDS.length + i] = PageCache.contentsOf(place.key(), page, WORDS[i]);
            }
        }
    }

    private OwnFile(
            Place place,
            Syscalls syscalls,
            MlockCalls calls,
            long[] words,
            BitSet copied,
            long[] copies,
            int[] floors) {
        this.place = place;
        this.syscalls = syscalls;
        this.calls = calls;
        this.words = words;
        this.copied = copied;
        this.copies = copies;
        this.floors = floors;
    }

    /** What a child knows that is forked now; it may not change the file. */
    OwnFile forked() {
        OwnFile copy = new OwnFile(
                place,
                syscalls,
                calls,
                Arrays.copyOf(words, words.length),
                (BitSet) copied.clone(),
                Arrays.copyOf(copies, copies.length),
                Arrays.copyOf(floors, floors.length));
        copy.size = size;
        copy.generation = generation;
        return copy;
    }

    /** Maps the file twice; false if there is no memory. */
    boolean map(Cpu cpu) {
        return map(cpu, 0, place.pages(), true) && map(cpu, 0, place.pages(), false);
    }

    /** Maps the file and writes all of it, and all private copies, unless the workload ends. */
    boolean fill(Cpu cpu, FileAccess access, BooleanSupplier ends) {
        boolean alive = map(cpu);
        for (int page = 0; page < place.pages() && alive && !ends.getAsBoolean(); page++) {
            alive = write(cpu, access, page) && copy(cpu, access, page);
        }
        return alive;
    }

    /** Its address_space. */
    long file() {
        return place.file();
    }

    private boolean map(Cpu cpu, int from, int to, boolean shared) {
        long at = at(from, shared);
        long flags = shared ? READ_WRITE | VmArea.VM_SHARED : READ_WRITE;
        return syscalls.mmap(cpu, at, (long) (to - from) * PAGE, flags, true, place.key(), from) == at;
    }

    private long at(int page, boolean shared) {
        return (shared ? place.shared() : place.copies()) + (long) page * PAGE;
    }

    private boolean inside(int page) {
        return (long) page * PAGE < size;
    }

    private long nextStamp(int page) {
        return place.key() << 48 | (long) page << 32 | ++generation;
    }

    // ---- what the thread does ------------------------------------------------------------------------------------

    private interface OnPage {
        boolean run(int page);
    }

    private boolean some(SplittableRandom random, OnPage what) {
        int from = random.nextInt(place.pages());
        int to = Math.min(place.pages(), from + 1 + random.nextInt(MOST_AT_ONCE));
        boolean alive = true;
        for (int page = from; page < to && alive; page++) {
            alive = what.run(page);
        }
        return alive;
    }

    /** Writes to pages of the shared mapping. False if the program cannot go on; so do all that follow. */
    boolean write(Cpu cpu, FileAccess access, SplittableRandom random) {
        return some(random, page -> write(cpu, access, page));
    }

    /** Writes to one page of the shared mapping. */
    boolean write(Cpu cpu, FileAccess access, int page) {
        long word = WORDS[STAMP] * 8L;
        if (inside(page) && (long) page * PAGE + word >= size) {
            // What is written beyond the end in the last page is nobody's.
            return true;
        }
        long value = nextStamp(page);
        int known = page * WORDS.length + STAMP;
        boolean alive = access.replace(cpu, at(page, true) + word, words[known], value, inside(page));
        words[known] = inside(page) ? value : words[known];
        return alive;
    }

    /** Writes to private copies. */
    boolean copy(Cpu cpu, FileAccess access, SplittableRandom random) {
        return some(random, page -> copy(cpu, access, page));
    }

    /** Writes to one private copy. */
    boolean copy(Cpu cpu, FileAccess access, int page) {
        long value = nextStamp(page);
        int known = page * KNOWN;
        long before = copied.get(page) ? copies[known + PRIVATE] : 0;
        boolean alive = access.replace(cpu, at(page, false) + PRIVATE_WORD * 8L, before, value, inside(page));
        if (!alive || !inside(page)) {
            return alive;
        }
        copies[known + PRIVATE] = value;
        if (!copied.get(page)) {
            for (int i = 0; i < WORDS.length && alive; i++) {
                alive = readLoosely(cpu, access, page, i);
                copies[known + i] = access.found(cpu);
            }
            copied.set(page);
        }
        return alive;
    }

    /** Reads pages of both mappings. */
    boolean read(Cpu cpu, FileAccess access, SplittableRandom random) {
        return some(random, page -> readShared(cpu, access, page) && readCopy(cpu, access, page));
    }

    /** ftruncate, up or down. */
    boolean truncate(Cpu cpu, UserProgram user, SplittableRandom random) {
        long all = (long) place.pages() * PAGE;
        long least = random.nextInt(8) == 0 ? 0 : all / 2;
        long to = least + random.nextLong(all - least + 1) & (random.nextBoolean() ? -PAGE : -8L);
        int status = calls.ftruncate(cpu, place.file(), to);
        if (status == Errno.ENOMEM) {
            return true;
        }
        if (to < size) {
            clear(to, size);
            for (int page = (int) (to + PAGE - 1 >>> PhysMem.PAGE_SHIFT); page < place.pages(); page++) {
                forgetCopy(page);
            }
        }
        size = to;
        return user.returned(cpu, "ftruncate", status, 0);
    }

    private void clear(long from, long to) {
        for (int page = (int) (from / PAGE); page < place.pages() && (long) page * PAGE < to; page++) {
            for (int i = 0; i < WORDS.length; i++) {
                long byteAt = (long) page * PAGE + WORDS[i] * 8L;
                if (byteAt >= from && byteAt < to) {
                    words[page * WORDS.length + i] = 0;
                }
            }
        }
    }

    private void forgetCopy(int page) {
        copied.clear(page);
        long stamp = words[page * WORDS.length + STAMP];
        floors[page] = stamp == 0 ? generation + 1 : (int) stamp;
    }

    /** fallocate(FALLOC_FL_PUNCH_HOLE). */
    boolean punch(Cpu cpu, UserProgram user, FileAccess access, SplittableRandom random) {
        long all = (long) place.pages() * PAGE;
        long mask = random.nextBoolean() ? -PAGE : -8L;
        long from = random.nextLong(all) & mask;
        long to = Math.min(all, from + 8 + random.nextLong((long) MOST_AT_ONCE * PAGE)) & mask;
        if (to <= from) {
            return true;
        }
        int status = calls.punch(cpu, place.file(), from, to - from);
        if (status == Errno.ENOMEM) {
            return learnHole(cpu, access, from, to);
        }
        clear(from, Math.min(to, size));
        return user.returned(cpu, "fallocate", status, 0);
    }

    /** There was no memory to punch all of the hole: what is zero now is part of it. */
    private boolean learnHole(Cpu cpu, FileAccess access, long from, long to) {
        boolean alive = true;
        for (int page = (int) (from / PAGE); alive && inside(page) && (long) page * PAGE < to; page++) {
            for (int i = 0; i < WORDS.length && alive; i++) {
                alive = access.read(cpu, at(page, true) + WORDS[i] * 8L);
                if (alive && access.found(cpu) == 0) {
                    clear((long) page * PAGE + WORDS[i] * 8L, (long) page * PAGE + WORDS[i] * 8L + 1);
                }
            }
        }
        return alive && readAll(cpu, access, (int) (from / PAGE), (int) Math.min(place.pages(), to / PAGE + 1));
    }

    /** fsync; the disk may be full. */
    boolean sync(Cpu cpu, UserProgram user) {
        int status = calls.fsync(cpu, place.file());
        return status == Errno.ENOSPC || user.returned(cpu, "fsync", status, 0);
    }

    /** Unmaps part of a mapping, and maps it anew: private copies are gone. */
    boolean remap(Cpu cpu, UserProgram user, SplittableRandom random) {
        boolean shared = random.nextBoolean();
        int from = random.nextInt(place.pages());
        int to = Math.min(place.pages(), from + 1 + random.nextInt(MOST_AT_ONCE));
        boolean alive = syscalls.munmap(cpu, at(from, shared), (long) (to - from) * PAGE) == 0
                && user.denied(cpu, at(from, shared), random.nextBoolean())
                && map(cpu, from, to, shared);
        for (int page = from; page < to && !shared; page++) {
            forgetCopy(page);
        }
        return alive;
    }

    // ---- what must be there --------------------------------------------------------------------------------------

    /** Reads what is known of pages {@code from} to {@code to}. */
    boolean readAll(Cpu cpu, FileAccess access, int from, int to) {
        boolean alive = true;
        for (int page = from; page < to && alive; page++) {
            alive = readShared(cpu, access, page) && readCopy(cpu, access, page);
        }
        return alive;
    }

    private boolean readShared(Cpu cpu, FileAccess access, int page) {
        boolean alive = true;
        for (int i = 0; i < (inside(page) ? WORDS.length : 1) && alive; i++) {
            alive = access.expect(cpu, at(page, true) + WORDS[i] * 8L, words[page * WORDS.length + i], inside(page));
        }
        return alive;
    }

    private boolean readCopy(Cpu cpu, FileAccess access, int page) {
        int known = page * KNOWN;
        long stamp = copied.get(page) ? copies[known + PRIVATE] : 0;
        boolean alive = access.expect(cpu, at(page, false) + PRIVATE_WORD * 8L, stamp, inside(page));
        for (int i = 0; i < WORDS.length && alive && inside(page); i++) {
            alive = copied.get(page)
                    ? access.expect(cpu, at(page, false) + WORDS[i] * 8L, copies[known + i], true)
                    : readLoosely(cpu, access, page, i);
        }
        return alive;
    }

    /** A word of a page that mlock() may have copied: what the file has held. */
    private boolean readLoosely(Cpu cpu, FileAccess access, int page, int i) {
        long address = at(page, false) + WORDS[i] * 8L;
        if (!access.read(cpu, address)) {
            return false;
        }
        if (access.raised()) {
            return access.expect(cpu, address, 0, true);
        }
        long value = access.found(cpu);
        boolean held = i == STAMP
                ? value >>> 32 == (place.key() << 48 | (long) page << 32) >>> 32
                        && (int) value >= floors[page]
                        && (int) value <= generation
                : value == PageCache.contentsOf(place.key(), page, WORDS[i]);
        if (value != 0 && !held) {
            access.wrong(cpu, address, "which the file has not held");
        }
        return true;
    }

    /** Reads every byte of a page of the file. */
    boolean readEveryByte(Cpu cpu, FileAccess access, int page) {
        if (!inside(page)) {
            return readShared(cpu, access, page);
        }
        boolean alive = true;
        for (int word = 0, i = 0; word < PAGE / 8 && alive; word++) {
            long expected = 0;
            if (i < WORDS.length && WORDS[i] == word) {
                expected = words[page * WORDS.length + i++];
            }
            alive = access.expect(cpu, at(page, true) + word * 8L, expected, true);
        }
        return alive;
    }

    int pages() {
        return place.pages();
    }
}
