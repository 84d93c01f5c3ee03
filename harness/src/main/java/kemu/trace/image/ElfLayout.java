package kemu.trace.image;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Loadable segments of an executable, in pages: headers r--, text r-x, rodata r--, data rw- (its first {@code relro}
 * pages become r-- when ld.so is done) and bss beyond the file's last data page.
 */
record ElfLayout(int headers, int text, int rodata, int relro, int data, int bss) {
    /** ld.so of glibc 2.36. */
    static final ElfLayout LD_SO = new ElfLayout(1, 38, 10, 2, 4, 0);

    private static final ElfLayout SHELL = new ElfLayout(4, 19, 6, 2, 3, 2);
    private static final ElfLayout SMALL = new ElfLayout(2, 6, 3, 1, 2, 0);
    private static final Map<String, ElfLayout> BY_NAME = new HashMap<>();
    /** Scripts of a kernel build whose names do not end in .sh. */
    private static final Set<String> SCRIPTS = Set.of(
            "check-local-export",
            "mkcompile_h",
            "remove-stale-files",
            "build-version",
            "setlocalversion",
            "mksysmap",
            "syscallhdr");

    static {
        // Debian 12: gcc 12.2, binutils 2.40, dash, coreutils 9.1, make 4.3, mawk.
        put("cc1", 561, 5060, 2504, 4, 16, 416);
        put("gcc", 3, 153, 157, 3, 5, 3);
        put("collect2", 3, 112, 37, 3, 4, 0);
        put("make", 9, 36, 11, 1, 3, 3);
        put("as", 46, 79, 28, 71, 72, 10);
        put("ld", 14, 66, 237, 7, 9, 2);
        put("nm", 2, 5, 3, 1, 2, 0);
        put("ar", 2, 6, 4, 1, 2, 0);
        put("objcopy", 4, 23, 10, 1, 3, 0);
        put("objdump", 9, 53, 24, 2, 5, 2);
        put("awk", 4, 25, 8, 2, 3, 19);
        put("sed", 3, 20, 6, 1, 2, 0);
        put("grep", 4, 36, 8, 2, 3, 16);
        put("xargs", 2, 10, 5, 1, 2, 0);
        put("find", 6, 33, 13, 2, 3, 1);
        put("cat", 2, 5, 3, 1, 2, 0);
        put("rm", 2, 10, 4, 1, 2, 0);
        put("mkdir", 3, 15, 4, 1, 2, 0);
        put("mv", 3, 24, 7, 1, 2, 0);
        put("touch", 3, 17, 5, 1, 2, 0);
        put("expr", 2, 21, 5, 1, 2, 0);
        put("sort", 3, 18, 6, 1, 2, 0);
        put("date", 3, 19, 6, 1, 2, 0);
        put("tr", 2, 7, 4, 1, 2, 2);
        put("cmp", 2, 7, 3, 1, 2, 16);
        put("bc", 2, 13, 7, 1, 2, 0);
        put("getconf", 1, 1, 2, 2, 3, 0);
        put("git", 30, 654, 197, 4, 26, 38);
        put("fixdep", 1, 3, 1, 1, 2, 0);
        put("conf", 4, 18, 5, 1, 2, 64);
        put("modpost", 2, 14, 6, 3, 4, 1);
        put("rustc", 32, 96, 24, 7, 8, 1);
    }

    private static void put(String name, int headers, int text, int rodata, int relro, int data, int bss) {
        BY_NAME.put(name, new ElfLayout(headers, text, rodata, relro, data, bss));
    }

    /** Whether an execve of that name starts /bin/sh on a script. */
    static boolean isScript(String name) {
        return name.endsWith(".sh") || SCRIPTS.contains(name);
    }

    /**
     * Layout of an executable. One that is not in the table, or whose RELRO has another size in the log, is taken for a
     * small tool with that RELRO; {@code relroSeen} is 0 if the log shows none.
     */
    static ElfLayout of(String name, int relroSeen) {
        ElfLayout e =
                isScript(name) || name.equals("sh") || name.equals("dash") ? SHELL : BY_NAME.getOrDefault(name, SMALL);
        if (relroSeen != 0 && relroSeen != e.relro) {
            return new ElfLayout(e.headers, e.text, e.rodata, relroSeen, relroSeen + 1, Math.min(e.bss, 1));
        }
        return e;
    }

    /** Pages from the first header to the start of data. */
    int beforeData() {
        return headers + text + rodata;
    }
}
