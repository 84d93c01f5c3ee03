package kemu.trace.plan;

import java.util.HashMap;
import java.util.Map;

/**
 * Median minor faults by executable, measured on the recorded build; used without a table, and to divide a process's
 * faults among its images.
 */
final class Medians {
    private static final int DEFAULT = 100;
    private static final int SCRIPT = 78;
    private static final int FORKED = 26;
    private static final Map<String, Integer> FAULTS = new HashMap<>();

    static {
        String table = """
                sh 69 rm 77 gcc 111 cc1 10124 as 291 mkdir 94 fixdep 108 nm 5595 awk 121 check-local-export 80
                make 165 ar 137 xargs 119 cat 77 grep 122 sed 139 ld 269 head 99 mv 108 getconf 68 uname 96
                collect2 80 objcopy 166 tr 99 dirname 101 basename 102 sha1sum 108 touch 75 cmp 158 rustc 2807
                git 168 expr 87 sort 113 cut 98 uniq 101 conf 7999
                """;
        String[] words = table.strip().split("\\s+");
        for (int i = 0; i < words.length; i += 2) {
            FAULTS.put(words[i], Integer.valueOf(words[i + 1]));
        }
    }

    private Medians() {}

    /** Faults of a process from an execve of that name to its exit. */
    static int ofImage(String name) {
        return FAULTS.getOrDefault(name, name.endsWith(".sh") ? SCRIPT : DEFAULT);
    }

    /** Faults of a forked copy until it execs or exits. */
    static int ofForked() {
        return FORKED;
    }
}
