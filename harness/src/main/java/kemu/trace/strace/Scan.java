package kemu.trace.strace;

import java.nio.charset.StandardCharsets;

/**
 * A cursor over the bytes of one call, with the few tokens strace uses. A failed expectation throws {@link Malformed}.
 */
final class Scan {
    /** Why a line is not understood; turned into a {@code TraceException} or, when lenient, a count. */
    static final class Malformed extends Exception {
        private static final long serialVersionUID = 1L;

        Malformed(String reason) {
            super(reason, null, false, false);
        }
    }

    byte[] b;
    int pos;
    int end;
    /**
     * Where the text goes on after something that is not strace's (output of the program between the halves of a call
     * on a terminal), or 0: what cannot be understood before it is skipped.
     */
    int splice;

    void set(byte[] bytes, int from, int to) {
        b = bytes;
        pos = from;
        end = to;
        splice = 0;
    }

    /** Goes to where the text goes on; false if it was never interrupted, or that place is behind. */
    boolean skipForeign() {
        if (splice <= pos || splice > end) {
            return false;
        }
        pos = splice;
        return true;
    }

    boolean at(char c) {
        return pos < end && b[pos] == c;
    }

    boolean startsWith(String s) {
        return startsWith(pos, s);
    }

    boolean startsWith(int from, String s) {
        int n = s.length();
        if (from < 0 || end - from < n) {
            return false;
        }
        for (int i = 0; i < n; i++) {
            if (b[from + i] != s.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    boolean skip(String s) {
        if (startsWith(s)) {
            pos += s.length();
            return true;
        }
        return false;
    }

    void expect(String s, String what) throws Malformed {
        if (!skip(s) && !(skipForeign() && skip(s))) {
            throw new Malformed(what);
        }
    }

    void blanks() {
        while (at(' ')) {
            pos++;
        }
    }

    /** Decimal digits. */
    long decimal(String what) throws Malformed {
        int from = pos;
        long v = 0;
        while (pos < end && b[pos] >= '0' && b[pos] <= '9') {
            v = v * 10 + (b[pos++] - '0');
        }
        if (pos == from || pos - from > 18) {
            throw new Malformed(what);
        }
        return v;
    }

    /** A decimal number, a hexadecimal one with 0x, or NULL. */
    long number(String what) throws Malformed {
        if (skip("NULL")) {
            return 0;
        }
        if (!skip("0x")) {
            return decimal(what);
        }
        int from = pos;
        long v = 0;
        while (pos < end) {
            int d = Character.digit(b[pos], 16);
            if (d < 0) {
                break;
            }
            v = v << 4 | d;
            pos++;
        }
        if (pos == from || pos - from > 16) {
            throw new Malformed(what);
        }
        return v;
    }

    /** Name of a call, constant or errno. */
    int wordEnd() {
        int i = pos;
        while (i < end && isWord(b[i])) {
            i++;
        }
        return i;
    }

    boolean wordIs(int wordEnd, String s) {
        return wordEnd - pos == s.length() && startsWith(s);
    }

    String text(int from, int to) {
        return new String(b, from, to - from, StandardCharsets.ISO_8859_1);
    }

    /** A quoted string at the cursor, escapes left as printed. */
    String quoted(String what) throws Malformed {
        expect("\"", what);
        int from = pos;
        while (pos < end && b[pos] != '"') {
            pos += b[pos] == '\\' ? 2 : 1;
        }
        if (pos >= end) {
            throw new Malformed(what);
        }
        return text(from, pos++);
    }

    /**
     * Index of the last {@code " = "} that follows a closing parenthesis, blanks between them allowed, or -1: what
     * comes after it is a result.
     */
    int lastEquals() {
        for (int i = end - 3; i >= pos; i--) {
            if (b[i + 1] == '=' && b[i] == ' ' && b[i + 2] == ' ') {
                int k = i;
                while (k > pos && b[k] == ' ') {
                    k--;
                }
                if (b[k] == ')') {
                    return i;
                }
            }
        }
        return -1;
    }

    /** Whether the text ends so. */
    boolean endsWith(String s) {
        return startsWith(end - s.length(), s) && end - s.length() >= pos;
    }

    /** First occurrence of {@code s} at or after the cursor, or -1. */
    int find(String s) {
        for (int i = pos; i <= end - s.length(); i++) {
            if (b[i] == s.charAt(0) && startsWith(i, s)) {
                return i;
            }
        }
        return -1;
    }

    private static boolean isWord(byte c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_';
    }
}
