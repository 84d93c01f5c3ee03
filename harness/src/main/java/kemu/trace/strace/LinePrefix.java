package kemu.trace.strace;

/**
 * What strace writes before a call: who ({@code 123 }, {@code [pid 123] }, with {@code -Y} also {@code 123<comm> }),
 * when ({@code -t -tt -ttt -r} in any precision), the call's number ({@code -n}) and the instruction pointer
 * ({@code -i}). Every part may be absent; where they end the body begins.
 */
final class LinePrefix {
    /** No clock on the line. */
    static final int NONE = 0;
    /** Seconds since the epoch, or since the line before. */
    static final int SECONDS = 1;
    /** Time of day. */
    static final int DAY = 2;

    /** Above the largest pid that Linux gives (2^22): such a number is a time in whole seconds. */
    private static final long PID_LIMIT = 1L << 22;

    private static final int PADDED = 3;
    private static final int MICRO_DIGITS = 6;

    private byte[] b;
    private int first;
    private int to;
    private int pos;

    /** 0 if the line has none. */
    int pid;
    /** Whether it stood in brackets. */
    boolean bracket;

    int clock;
    long micros;
    /** Digits after the point. */
    int digits;
    /** Whether seconds were padded with blanks, as {@code -r} does. */
    boolean padded;

    boolean alsoRelative;
    boolean callNumber;
    boolean instructionPointer;
    boolean command;
    /** Index of the first byte after the prefix. */
    int body;

    /** Reads the prefix of {@code bytes[from, end)}. */
    void parse(byte[] bytes, int from, int end) {
        b = bytes;
        first = from;
        to = end;
        pos = from;
        pid = 0;
        bracket = false;
        clock = NONE;
        micros = 0;
        alsoRelative = false;
        callNumber = false;
        instructionPointer = false;
        command = false;
        blanks();
        who();
        when();
        while (at('[') && bracketed()) {
            blanks();
        }
        body = pos;
    }

    private void who() {
        int begin = pos;
        if (looking("[pid ")) {
            pos += 5;
            blanks();
            long n = number();
            command();
            if (n > 0 && n <= Integer.MAX_VALUE && at(']')) {
                pos++;
                blanks();
                pid = (int) n;
                bracket = true;
                return;
            }
        } else if (digit()) {
            long n = number();
            command();
            if (n >= 0 && n <= PID_LIMIT && at(' ')) {
                blanks();
                pid = (int) n;
                return;
            }
        }
        pos = begin;
        command = false;
    }

    /** {@code <comm>} after a pid. */
    private void command() {
        if (at('<')) {
            for (int i = pos; i < to - 1; i++) {
                if (b[i] == '>' && (b[i + 1] == ' ' || b[i + 1] == ']')) {
                    pos = i + 1;
                    command = true;
                    return;
                }
            }
        }
    }

    private void when() {
        int begin = pos;
        int blanks = 0;
        while (begin - blanks > first && blanks < PADDED && b[begin - blanks - 1] == ' ') {
            blanks++;
        }
        long n = digit() ? number() : -1;
        if (n >= 0 && at(':')) {
            if (day(n)) {
                return;
            }
        } else if (n >= 0 && at('.')) {
            pos++;
            long fraction = fraction();
            if (digits > 0 && at(' ')) {
                clock = SECONDS;
                padded = blanks >= PADDED;
                micros = n * 1_000_000 + fraction;
                relative();
                return;
            }
        } else if (n > PID_LIMIT && at(' ')) {
            clock = SECONDS;
            digits = 0;
            padded = false;
            micros = n * 1_000_000;
            relative();
            return;
        }
        pos = begin;
    }

    private boolean day(long hours) {
        pos++;
        long minutes = digit() ? number() : -1;
        if (minutes < 0 || minutes > 59 || !at(':')) {
            return false;
        }
        pos++;
        long seconds = digit() ? number() : -1;
        long fraction = 0;
        digits = 0;
        if (at('.')) {
            pos++;
            fraction = fraction();
        }
        if (hours > 23 || seconds < 0 || seconds > 60 || !at(' ')) {
            return false;
        }
        clock = DAY;
        padded = false;
        micros = ((hours * 60 + minutes) * 60 + seconds) * 1_000_000 + fraction;
        relative();
        return true;
    }

    /** {@code (+ 0.000123)}: the distance that {@code -r} adds to another clock. */
    private void relative() {
        blanks();
        if (looking("(+ ")) {
            int i = pos;
            while (i < to && b[i] != ')') {
                i++;
            }
            alsoRelative = true;
            pos = Math.min(i + 1, to);
            blanks();
        }
    }

    /** {@code [ 59]} or {@code [00007fe3791fcc47]} or {@code [????????]}. */
    private boolean bracketed() {
        int i = pos + 1;
        while (i < to && b[i] == ' ') {
            i++;
        }
        int first = i;
        while (i < to && (Character.digit(b[i], 16) >= 0 || b[i] == '?')) {
            i++;
        }
        if (i == first || i >= to - 1 || b[i] != ']' || b[i + 1] != ' ') {
            return false;
        }
        if (i - first == 8 || i - first == 16) {
            instructionPointer = true;
        } else {
            callNumber = true;
        }
        pos = i + 1;
        return true;
    }

    private long fraction() {
        long v = 0;
        digits = 0;
        while (digit()) {
            if (digits < MICRO_DIGITS) {
                v = v * 10 + (b[pos] - '0');
            }
            digits++;
            pos++;
        }
        for (int i = digits; i < MICRO_DIGITS; i++) {
            v *= 10;
        }
        return v;
    }

    /** Decimal digits, or -1 if they are too many. */
    private long number() {
        int begin = pos;
        long v = 0;
        while (digit()) {
            v = v * 10 + (b[pos++] - '0');
            if (pos - begin > 12) {
                return -1;
            }
        }
        return pos == begin ? -1 : v;
    }

    private boolean digit() {
        return pos < to && b[pos] >= '0' && b[pos] <= '9';
    }

    private void blanks() {
        while (at(' ') || at('\t')) {
            pos++;
        }
    }

    private boolean at(char c) {
        return pos < to && b[pos] == c;
    }

    private boolean looking(String s) {
        if (to - pos < s.length()) {
            return false;
        }
        for (int i = 0; i < s.length(); i++) {
            if (b[pos + i] != s.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
