package kemu.trace.strace;

/** The kinds of line, told apart by how a line begins and ends, before any of its content is parsed. */
final class Shape {
    static final int FOREIGN = 0;
    static final int CALL = 1;
    static final int RESUMED = 2;
    static final int ENDED = 3;
    static final int SIGNAL = 4;

    private static final int LONGEST_NAME = 64;
    private static final String UNFINISHED = "<unfinished ...>";
    /** Ends of calls that never came back. */
    private static final String[] CUT = {"<detached ...>", "<ptrace(SYSCALL):No such process>", "<pid changed to "};

    private Shape() {}

    /** Shape of the body at {@code s.pos}. */
    static int of(Scan s) {
        if (s.pos >= s.end) {
            return FOREIGN;
        }
        switch (s.b[s.pos]) {
            case '<' -> {
                return s.startsWith("<... ") && s.find(" resumed>") > 0 ? RESUMED : FOREIGN;
            }
            case '+' -> {
                return s.startsWith("+++ ") ? ENDED : FOREIGN;
            }
            case '-' -> {
                return s.startsWith("--- ") && (s.startsWith(s.pos + 4, "SIG") || s.startsWith(s.pos + 4, "stopped"))
                        ? SIGNAL
                        : FOREIGN;
            }
            default -> {
                int to = nameEnd(s);
                return to > s.pos && to - s.pos <= LONGEST_NAME && to < s.end && s.b[to] == '(' ? CALL : FOREIGN;
            }
        }
    }

    private static int nameEnd(Scan s) {
        byte c = s.b[s.pos];
        if (c == '?') {
            int i = s.pos;
            while (i < s.end && s.b[i] == '?') {
                i++;
            }
            return i;
        }
        boolean letter = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_';
        return letter ? s.wordEnd() : s.pos;
    }

    /** Where the text of a call ends that is finished later, or -1 if this one is not told to be. */
    static int unfinishedAt(Scan s) {
        if (!s.endsWith(UNFINISHED)) {
            return -1;
        }
        int at = s.end - UNFINISHED.length();
        return at > s.pos && s.b[at - 1] == ' ' ? at - 1 : at;
    }

    /** Whether the call is one that the end of the log, or of its process, cut short. */
    static boolean neverReturned(Scan s) {
        if (s.end > s.pos && s.b[s.end - 1] == '>') {
            for (String cut : CUT) {
                if (s.endsWith(cut)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Start of a result, {@code " = 0"} and the like, that ends the text after a closing parenthesis, or -1. */
    static int resultAt(Scan s) {
        int eq = s.lastEquals();
        if (eq < 0) {
            return -1;
        }
        int i = eq + 3;
        if (i < s.end && s.b[i] == '-') {
            i++;
        }
        return i < s.end && (s.b[i] == '?' || s.b[i] >= '0' && s.b[i] <= '9') ? eq : -1;
    }

    /** The pid that a call returned which creates tasks, or 0: for finding out who is created by somebody else. */
    static int createdPid(byte[] b, int from, int to) {
        Scan s = new Scan();
        s.set(b, from, to);
        if (s.startsWith("<... ")) {
            s.pos += 5;
        }
        if (!s.startsWith("clone") && !s.startsWith("vfork") && !s.startsWith("fork")) {
            return 0;
        }
        int eq = resultAt(s);
        if (eq < 0) {
            return 0;
        }
        s.pos = eq + 3;
        int pid = 0;
        while (s.pos < s.end && s.b[s.pos] >= '0' && s.b[s.pos] <= '9' && pid < 100_000_000) {
            pid = pid * 10 + (s.b[s.pos++] - '0');
        }
        return pid;
    }
}
