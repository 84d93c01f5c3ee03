package kemu.trace.image;

import java.util.Arrays;
import java.util.List;
import kemu.hw.mem.PhysMem;
import kemu.trace.model.MappedFiles;
import kemu.trace.model.Op;
import kemu.trace.model.ProcessImage;
import kemu.trace.model.ProgramBuilder;

/**
 * Places what execve maps. It looks ahead to the calls that the new image makes: the first mprotect below the library
 * area that hits no known mapping is the executable's RELRO, the first one up there is ld.so's, and brk(NULL) gives the
 * heap. Guessed segments give way where the process maps something itself.
 */
public final class ImagePlacer {
    private static final long PAGE = PhysMem.PAGE_SIZE;
    private static final long LIBRARY_AREA = 0x7000_0000_0000L;
    private static final long DEFAULT_EXE = 0x5555_5555_4000L;
    private static final long DEFAULT_LD_SO = 0x7fff_f7fc_3000L;
    /** Just below the top of the 47-bit user space, where no recorded mapping can be. */
    private static final long STACK_TOP = 0x7fff_ffff_0000L;

    private static final long STACK_LENGTH = 132 * 1024;
    /** execve itself fills the top of a stack. */
    private static final long SMALLEST_STACK = 2 * PAGE;

    private static final long USER_END = 1L << 47;
    /** A library is no further from the next one. */
    private static final long NEAR = 1L << 26;

    private static final long LARGEST_RELRO = 1 << 14;
    private static final long VVAR_LENGTH = 4 * PAGE;
    private static final long VCLOCK_LENGTH = 2 * PAGE;
    private static final long VDSO_LENGTH = 2 * PAGE;

    private final MappedFiles files;
    private final List<String> paths;
    private long[] words = new long[6 * 16];
    private int used;
    private Ranges mapped;
    private Ranges placed;

    /** {@code paths} are those that EXEC ops refer to. */
    public ImagePlacer(MappedFiles files, List<String> paths) {
        this.files = files;
        this.paths = paths;
    }

    /** Last component of a path. */
    public static String baseName(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    /** Image started by the EXEC at index {@code exec} of {@code ops}. */
    public ProcessImage place(ProgramBuilder ops, int exec) {
        int path = (int) ops.arg(exec, 0);
        String name = baseName(paths.get(path));
        mapped = new Ranges();
        placed = new Ranges();
        used = 0;
        long heap = 0;
        long bottom = heapBottom(ops, exec);
        long exeRelro = 0;
        long exeRelroLength = 0;
        long ldRelro = 0;
        boolean library = false;
        for (int i = exec + 1; i < ops.size() && ops.op(i) != Op.EXEC; i++) {
            switch (ops.op(i)) {
                case Op.MMAP -> {
                    mapped.add(ops.arg(i, 0), ops.arg(i, 1));
                    library |= (ops.arg(i, 3) & Op.MAP_DENYWRITE) != 0;
                }
                case Op.MREMAP -> mapped.add(ops.arg(i, 3), ops.arg(i, 2));
                case Op.BRK -> {
                    heap = bottom;
                    mapped.add(heap, Math.max(0, pageUp(ops.arg(i, 1)) - heap));
                }
                case Op.MPROTECT -> {
                    long a = ops.arg(i, 0);
                    if (mapped.contains(a)) {
                        continue;
                    }
                    boolean below = belowHeap(a, bottom);
                    if (below && exeRelro == 0) {
                        exeRelro = a;
                        exeRelroLength = ops.arg(i, 1);
                    } else if (!below && ldRelro == 0) {
                        ldRelro = a;
                    }
                }
                default -> {}
            }
        }
        ElfLayout exe = ElfLayout.of(name, (int) Math.min(exeRelroLength / PAGE, LARGEST_RELRO));
        String file = "exe:" + (ElfLayout.isScript(name) ? "/bin/sh" : paths.get(path));
        long bssEnd = elf(
                ProcessImage.EXE, exe, exeRelro == 0 ? DEFAULT_EXE + exe.beforeData() * PAGE : exeRelro, file, heap);
        if (ldRelro != 0 || library) {
            long data = ldRelro != 0 ? ldRelro : freeLdSo();
            elf(ProcessImage.LD_SO, ElfLayout.LD_SO, data, "ld.so", 0);
        }
        fixed();
        return new ProcessImage(path, name, heap == 0 ? bssEnd : heap, sorted());
    }

    /** Lowest end of the heap that the image's calls give, 0 if they give none: where it starts. */
    private static long heapBottom(ProgramBuilder ops, int exec) {
        long bottom = 0;
        for (int i = exec + 1; i < ops.size() && ops.op(i) != Op.EXEC; i++) {
            if (ops.op(i) == Op.BRK && ops.arg(i, 1) != 0 && (bottom == 0 || ops.arg(i, 1) < bottom)) {
                bottom = ops.arg(i, 1);
            }
        }
        return bottom;
    }

    /**
     * Whether an address that the log does not map belongs to the executable, which lies below its heap, and not to
     * ld.so, which lies among the libraries. On x86-64 libraries are far above; 32-bit, old and ARM machines have them
     * anywhere, so what is nearer counts there.
     */
    private boolean belowHeap(long a, long bottom) {
        if (a >= LIBRARY_AREA || bottom == 0) {
            return a < LIBRARY_AREA && (bottom != 0 || mapped.distance(a) > NEAR);
        }
        return a < bottom && bottom - a <= mapped.distance(a);
    }

    /** The four or five segments of an ELF file whose data starts at {@code data}; returns where they end. */
    private long elf(int kind, ElfLayout e, long data, String fileName, long limit) {
        int file = files.intern(fileName, e.beforeData() + e.data());
        long start = data - e.beforeData() * PAGE;
        long dataEnd = data + e.data() * PAGE;
        segment(kind, start, e.headers(), Op.PROT_READ, file, 0);
        segment(kind, start + e.headers() * PAGE, e.text(), Op.PROT_READ | Op.PROT_EXEC, file, e.headers());
        segment(kind, data - e.rodata() * PAGE, e.rodata(), Op.PROT_READ, file, e.headers() + e.text());
        segment(kind, data, e.data(), Op.PROT_READ | Op.PROT_WRITE, file, e.beforeData());
        long bssEnd = dataEnd + e.bss() * PAGE;
        if (limit != 0 && bssEnd > limit && dataEnd <= limit) {
            bssEnd = limit & -PAGE;
        }
        segment(ProcessImage.BSS, dataEnd, (int) ((bssEnd - dataEnd) / PAGE), Op.PROT_READ | Op.PROT_WRITE, -1, 0);
        return bssEnd;
    }

    private void fixed() {
        long stack = STACK_TOP - STACK_LENGTH;
        int pages = (int) (STACK_LENGTH / PAGE);
        segment(ProcessImage.STACK, stack, pages, Op.PROT_READ | Op.PROT_WRITE, -1, 0);
        int vdso = files.intern("[vdso]", (VVAR_LENGTH + VCLOCK_LENGTH + VDSO_LENGTH) / PAGE);
        long at = STACK_TOP + PAGE;
        segment(ProcessImage.VVAR, at, (int) (VVAR_LENGTH / PAGE), Op.PROT_READ, vdso, 0);
        at += VVAR_LENGTH;
        segment(ProcessImage.VVAR, at, (int) (VCLOCK_LENGTH / PAGE), Op.PROT_READ, vdso, 6);
        at += VCLOCK_LENGTH;
        segment(ProcessImage.VDSO, at, (int) (VDSO_LENGTH / PAGE), Op.PROT_READ | Op.PROT_EXEC, vdso, 4);
    }

    /** Where ld.so's data goes when its RELRO is not in the log: above everything mapped, or the usual place. */
    private long freeLdSo() {
        long top = mapped.top();
        long start = top >= LIBRARY_AREA && top < DEFAULT_LD_SO ? top + 16 * PAGE : DEFAULT_LD_SO;
        return start + ElfLayout.LD_SO.beforeData() * PAGE;
    }

    /**
     * Adds a segment, cut at the front as far as the process will map something there itself or a segment is there
     * already, and at the back likewise.
     */
    private void segment(int kind, long start, int pages, int prot, int file, long firstPage) {
        long end = Math.min(start + pages * PAGE, USER_END);
        long from = Math.max(mapped.endOfOverlap(start, end), placed.endOfOverlap(start, end));
        if (from >= end && pages > 0) {
            from = start;
            end = Math.min(mapped.startOfOverlap(start, end), placed.startOfOverlap(start, end));
        }
        if (from < PAGE) {
            from = PAGE;
        }
        if (from >= end || kind == ProcessImage.STACK && end - from < SMALLEST_STACK) {
            return;
        }
        placed.add(from, end - from);
        if (used == words.length) {
            words = Arrays.copyOf(words, used * 2);
        }
        words[used++] = kind;
        words[used++] = from;
        words[used++] = end - from;
        words[used++] = prot;
        words[used++] = file;
        words[used++] = file < 0 ? 0 : firstPage * PAGE + (from - start);
    }

    private long[] sorted() {
        int n = used / 6;
        Integer[] order = new Integer[n];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, (x, y) -> Long.compare(words[x * 6 + 1], words[y * 6 + 1]));
        long[] out = new long[used];
        for (int i = 0; i < n; i++) {
            System.arraycopy(words, order[i] * 6, out, i * 6, 6);
        }
        return out;
    }

    private static long pageUp(long a) {
        return (a + PAGE - 1) & -PAGE;
    }
}
