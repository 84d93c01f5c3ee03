package kemu.litmus.corpus;

/** The C text of one process of a cycle. */
final class Body {
    private Body() {}

    static String of(Cycles.Process process, String first, String second, int value) {
        String before = process.firstWrites()
                ? "WRITE_ONCE(*" + first + ", " + value + ");"
                : process.link() == Link.ACQUIRE
                        ? "r0 = smp_load_acquire(" + first + ");"
                        : "r0 = READ_ONCE(*" + first + ");";
        return lines(declarations(process) + around(process, before, access(process, second)));
    }

    private static String declarations(Cycles.Process process) {
        String all = process.firstWrites() ? "" : "int r0;\n";
        all += process.secondWrites() ? "" : "int r1;\n";
        return process.link() == Link.SRCU_READER ? all + "int c;\n" : all;
    }

    private static String access(Cycles.Process process, String second) {
        String target = process.link() == Link.ADDR ? "*(" + second + " + (r0 ^ r0))" : "*" + second;
        if (!process.secondWrites()) {
            return "r1 = READ_ONCE(" + target + ");";
        }
        return switch (process.link()) {
            case RELEASE -> "smp_store_release(" + second + ", 1);";
            case DATA -> "WRITE_ONCE(" + target + ", 1 + (r0 ^ r0));";
            case CTRL -> "if (r0 == r0)\n\tWRITE_ONCE(" + target + ", 1);";
            default -> "WRITE_ONCE(" + target + ", 1);";
        };
    }

    private static String around(Cycles.Process process, String first, String second) {
        return switch (process.link()) {
            case MB -> first + "\nsmp_mb();\n" + second;
            case WMB -> first + "\nsmp_wmb();\n" + second;
            case RMB -> first + "\nsmp_rmb();\n" + second;
            case GRACE -> first + "\nsynchronize_rcu();\n" + second;
            case SRCU_GRACE -> first + "\nsynchronize_srcu(s);\n" + second;
            case LOCK -> "spin_lock(l);\n" + first + '\n' + second + "\nspin_unlock(l);";
            case UNLOCK_LOCK ->
                "spin_lock(l);\n" + first + "\nspin_unlock(l);\nspin_lock(m);\n" + second + "\nspin_unlock(m);";
            case READER -> "rcu_read_lock();\n" + first + '\n' + second + "\nrcu_read_unlock();";
            case SRCU_READER -> "c = srcu_read_lock(s);\n" + first + '\n' + second + "\nsrcu_read_unlock(s, c);";
            default -> first + '\n' + second;
        };
    }

    private static String lines(String text) {
        StringBuilder out = new StringBuilder();
        for (String line : text.split("\n")) {
            out.append('\t').append(line).append('\n');
        }
        return out.toString();
    }
}
