package kemu.trace.strace;

import java.util.Map;
import kemu.trace.model.Op;

/** The constants strace prints by name. */
final class Flags {
    private static final String[] MAP_NAMES = {
        "MAP_PRIVATE",
        "MAP_DENYWRITE",
        "MAP_FIXED",
        "MAP_ANONYMOUS",
        "MAP_SHARED",
        "MAP_STACK",
        "MAP_NORESERVE",
        "MAP_GROWSDOWN",
        "MAP_POPULATE",
        "MAP_LOCKED",
        "MAP_NONBLOCK",
        "MAP_HUGETLB",
        "MAP_FIXED_NOREPLACE",
        "MAP_EXECUTABLE",
        "MAP_SHARED_VALIDATE",
        "MAP_SYNC",
        "MAP_32BIT",
        "MAP_FILE",
        "MAP_ANON"
    };
    private static final int[] MAP_VALUES = {
        Op.MAP_PRIVATE,
        Op.MAP_DENYWRITE,
        Op.MAP_FIXED,
        Op.MAP_ANONYMOUS,
        Op.MAP_SHARED,
        Op.MAP_STACK,
        Op.MAP_NORESERVE,
        Op.MAP_GROWSDOWN,
        Op.MAP_POPULATE,
        0x2000,
        0x10000,
        0x40000,
        Op.MAP_FIXED,
        0x1000,
        Op.MAP_SHARED,
        0x80000,
        0x40,
        0,
        Op.MAP_ANONYMOUS
    };
    private static final String[] PROT_NAMES = {"PROT_READ", "PROT_WRITE", "PROT_EXEC", "PROT_NONE"};
    private static final int[] PROT_VALUES = {Op.PROT_READ, Op.PROT_WRITE, Op.PROT_EXEC, 0};
    private static final String[] ADVICE_NAMES = {
        "MADV_NORMAL",
        "MADV_RANDOM",
        "MADV_SEQUENTIAL",
        "MADV_WILLNEED",
        "MADV_DONTNEED",
        "MADV_FREE",
        "MADV_HUGEPAGE",
        "MADV_NOHUGEPAGE",
        "MADV_DONTDUMP",
        "MADV_COLD",
        "MADV_PAGEOUT"
    };
    private static final int[] ADVICE_VALUES = {0, 1, 2, 3, 4, 8, 14, 15, 16, 20, 21};

    private static final Map<String, Integer> ERRNO = Map.ofEntries(
            Map.entry("EPERM", 1),
            Map.entry("ENOENT", 2),
            Map.entry("ESRCH", 3),
            Map.entry("EINTR", 4),
            Map.entry("EIO", 5),
            Map.entry("E2BIG", 7),
            Map.entry("ENOEXEC", 8),
            Map.entry("EBADF", 9),
            Map.entry("ECHILD", 10),
            Map.entry("EAGAIN", 11),
            Map.entry("ENOMEM", 12),
            Map.entry("EACCES", 13),
            Map.entry("EFAULT", 14),
            Map.entry("EEXIST", 17),
            Map.entry("ENODEV", 19),
            Map.entry("ENOTDIR", 20),
            Map.entry("EISDIR", 21),
            Map.entry("EINVAL", 22),
            Map.entry("ETXTBSY", 26),
            Map.entry("ENAMETOOLONG", 36),
            Map.entry("ENOSYS", 38),
            Map.entry("ELOOP", 40));

    private Flags() {}

    /** PROT_* joined by bars; the cursor ends after them. */
    static int prot(Scan s) throws Scan.Malformed {
        return set(s, PROT_NAMES, PROT_VALUES, "PROT_", "bad protection") & 7;
    }

    /** MAP_* joined by bars; the cursor ends after them. */
    static int map(Scan s) throws Scan.Malformed {
        return set(s, MAP_NAMES, MAP_VALUES, "MAP_", "bad mmap flags");
    }

    /** One MADV_*, or -1 if it is none we replay. */
    static int advice(Scan s) {
        int to = s.wordEnd();
        int i = index(s, to, ADVICE_NAMES);
        if (i >= 0) {
            s.pos = to;
            return ADVICE_VALUES[i];
        }
        return -1;
    }

    /** Number of an errno name; EINVAL for one not in the table. */
    static int errno(String name) {
        return ERRNO.getOrDefault(name, 22);
    }

    private static int set(Scan s, String[] names, int[] values, String prefix, String what) throws Scan.Malformed {
        int v = 0;
        while (true) {
            int to = s.wordEnd();
            int i = index(s, to, names);
            if (i >= 0) {
                v |= values[i];
            } else if (v == 0 && to > s.pos && s.b[s.pos] >= '0' && s.b[s.pos] <= '9') {
                v = (int) s.number(what);
            } else if (!s.startsWith(prefix) && !s.startsWith("0x")) {
                throw new Scan.Malformed(what);
            }
            s.pos = to;
            while (s.pos + 1 < s.end && s.b[s.pos] == '<') {
                s.pos += 2;
                s.pos = s.wordEnd();
            }
            if (!s.at('|')) {
                return v;
            }
            s.pos++;
        }
    }

    /**
     * Which of {@code names} stands at the cursor, or -1. In a text that output was written into, the word may be
     * longer than the name: then the longest name that it begins with counts.
     */
    private static int index(Scan s, int to, String[] names) {
        int found = -1;
        for (int i = 0; i < names.length; i++) {
            if (s.wordIs(to, names[i])) {
                return i;
            }
            boolean longer = found < 0 || names[i].length() > names[found].length();
            found = s.splice >= to && to < s.end && longer && s.startsWith(names[i]) ? i : found;
        }
        return found;
    }
}
