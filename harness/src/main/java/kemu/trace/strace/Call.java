package kemu.trace.strace;

import kemu.hw.mem.PhysMem;
import kemu.trace.model.Op;

/**
 * One whole call, {@code NAME(ARGS) = RESULT}, while it is parsed: the cursor, the task that made it, and how it ended.
 */
final class Call {
    /** User space of the replay; addresses of machines with a larger one lose the bits above. */
    static final long USER_END = 1L << 47;

    private static final long LARGEST_USER_END = 1L << 48;
    private static final long PAGE = PhysMem.PAGE_SIZE;

    final Scan s = new Scan();
    RawTask task;
    long entry;
    long now;
    long result;
    int errno;
    /** Whether the result is {@code ?}. */
    boolean unknown;

    /** What stands after {@code " = "}: a number, a failure, or a question mark. */
    void readResult(int from) throws Scan.Malformed {
        s.pos = from;
        errno = 0;
        result = 0;
        unknown = s.at('?');
        if (unknown) {
            return;
        }
        boolean negative = s.skip("-");
        result = s.number("bad result");
        if (negative) {
            s.blanks();
            int to = s.wordEnd();
            if (to == s.pos) {
                throw new Scan.Malformed("failure without an errno name");
            }
            errno = Flags.errno(s.text(s.pos, to));
        } else if (s.pos < s.end && !s.at(' ') && !s.at('<')) {
            throw new Scan.Malformed("bad result");
        }
    }

    /**
     * A pid in the result; of two, the one that strace itself uses ({@code 7 /* 123 in strace's PID NS *}{@code /}).
     */
    int resultPid() {
        int begin = s.find("/* ");
        if (begin > 0 && s.find(" in strace's PID NS") > begin) {
            int i = begin + 3;
            long n = 0;
            while (i < s.end && s.b[i] >= '0' && s.b[i] <= '9' && n < Integer.MAX_VALUE) {
                n = n * 10 + (s.b[i++] - '0');
            }
            return (int) Math.min(n, Integer.MAX_VALUE);
        }
        return (int) Math.min(result, Integer.MAX_VALUE);
    }

    /** Adds the op of a failure, if it is one. */
    boolean failed(byte op) {
        if (unknown || errno != 0) {
            fail(op, errno);
            return true;
        }
        return false;
    }

    void fail(byte op, int error) {
        task.ops().add(Op.FAILED, gap(), op, error);
        task.stamp(entry);
    }

    int gap() {
        return task.gap(entry, now);
    }

    /** A length in bytes, rounded up to pages. */
    long length(String what) throws Scan.Malformed {
        label();
        long n = s.number(what);
        if (n < 0 || n > USER_END) {
            throw new Scan.Malformed(what);
        }
        return (n + PAGE - 1) & -PAGE;
    }

    long number(String what) throws Scan.Malformed {
        label();
        return s.number(what);
    }

    /** An address of user space, folded into that of the replay. */
    static long fold(long address) throws Scan.Malformed {
        if (address < 0 || address >= LARGEST_USER_END) {
            throw new Scan.Malformed("address beyond user space");
        }
        return address & (USER_END - 1);
    }

    /** A folded address of a page with room for {@code length} bytes. */
    static long page(long address, long length, String what) throws Scan.Malformed {
        if ((address & (PAGE - 1)) != 0) {
            throw new Scan.Malformed(what);
        }
        long folded = fold(address);
        if (length > USER_END - folded) {
            throw new Scan.Malformed("address beyond user space");
        }
        return folded;
    }

    /** The comma before the next argument, with what strace may say about the last one. */
    void comma() throws Scan.Malformed {
        if (s.at(' ')) {
            comment();
        }
        s.expect(",", "argument missing");
        if (!s.at(' ')) {
            throw new Scan.Malformed("argument missing");
        }
        s.blanks();
    }

    /** The parenthesis that ends the arguments. */
    void close() throws Scan.Malformed {
        s.blanks();
        comment();
        if (s.at('}')) {
            s.pos++;
        }
        if (!s.at(')') && s.skipForeign()) {
            s.blanks();
            if (!s.at(')')) {
                s.pos = lastParenthesis();
            }
        }
        if (!s.at(')')) {
            throw new Scan.Malformed("closing parenthesis missing");
        }
    }

    private int lastParenthesis() {
        for (int i = s.end - 1; i >= s.pos; i--) {
            if (s.b[i] == ')') {
                return i;
            }
        }
        return s.end;
    }

    /** Skips {@code name=} and an opening brace: arguments that strace shows as a struct. */
    void label() {
        if (s.at('{')) {
            s.pos++;
        }
        int to = s.wordEnd();
        if (to > s.pos && to < s.end && s.b[to] == '=') {
            s.pos = to + 1;
        }
    }

    private void comment() {
        s.blanks();
        if (s.startsWith("/*")) {
            int end = s.find("*/");
            if (end > 0) {
                s.pos = end + 2;
                s.blanks();
            }
        }
    }
}
