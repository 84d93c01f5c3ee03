package kemu.trace.strace;

/** Strings that strace printed in hexadecimal ({@code -x}, {@code -xx}), as it prints them without. */
final class Escapes {
    private static final String NAMED = "\t\n\u000b\f\r";
    private static final String LETTERS = "tnvfr";

    private Escapes() {}

    /** Replaces {@code \xNN}; other escapes stay. */
    static String plain(String quoted) {
        if (!quoted.contains("\\x")) {
            return quoted;
        }
        StringBuilder out = new StringBuilder();
        int i = 0;
        while (i < quoted.length()) {
            int c = hex(quoted, i);
            if (c >= 0) {
                boolean digitNext = i + 4 < quoted.length() && next(quoted, i + 4) >= '0' && next(quoted, i + 4) <= '7';
                append(out, c, digitNext);
                i += 4;
            } else {
                int n = quoted.charAt(i) == '\\' && i + 1 < quoted.length() ? 2 : 1;
                out.append(quoted, i, i + n);
                i += n;
            }
        }
        return out.toString();
    }

    private static int next(String s, int i) {
        int c = hex(s, i);
        return c >= 0 ? c : s.charAt(i);
    }

    /** Value of the {@code \xNN} at {@code i}, or -1. */
    private static int hex(String s, int i) {
        if (i + 3 >= s.length() || s.charAt(i) != '\\' || s.charAt(i + 1) != 'x') {
            return -1;
        }
        int high = Character.digit(s.charAt(i + 2), 16);
        int low = Character.digit(s.charAt(i + 3), 16);
        return high < 0 || low < 0 ? -1 : high << 4 | low;
    }

    private static void append(StringBuilder out, int c, boolean digitNext) {
        if (c == '"' || c == '\\') {
            out.append('\\').append((char) c);
        } else if (c >= ' ' && c < 0x7f) {
            out.append((char) c);
        } else if (NAMED.indexOf(c) >= 0) {
            out.append('\\').append(LETTERS.charAt(NAMED.indexOf(c)));
        } else {
            out.append('\\').append(digitNext ? String.format("%03o", c) : Integer.toOctalString(c));
        }
    }
}
